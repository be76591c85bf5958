"""A migrated PostgreSQL cluster kept from session to session, found by what it was made from.

Migrating takes several seconds, copying the result a fraction of one. The key is a hash over every
file that takes part; any change makes a new cluster.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from helpdesk.embedded import keys
from helpdesk.embedded.places import ROOT, Places

FOLDER = ROOT / ".cache" / "test-cluster"
# Migrations and what runs or follows them: models make content types and permissions, grants make grants.
TAKES_PART = (
    "*/migrations/*.py", "*/migrations/**/*.sql", "*/grants.py", "*/models/*.py", "*/models.py", "*/permissions.py",
    "helpdesk/management/commands/*.py", "core/*.py", "helpdesk/settings/*.py", "helpdesk/embedded/*.py",
    "tests/support/*.py", "requirements/all.txt",
)  # fmt: skip
KEPT = 3


def key() -> str:
    """Return the hash of everything that a migrated cluster depends on."""
    whole = hashlib.sha256()
    for path in sorted({path for pattern in TAKES_PART for path in ROOT.glob(pattern)}):
        whole.update(f"{path.relative_to(ROOT)}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:24]


def use_kept_keys(where: Places) -> None:
    """Give a session the passwords of the kept clusters, made once for this clone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = FOLDER / "keys.json"
    if not kept.exists():
        keys.read_or_generate(where)
        # Beside it first: a session's folder may lie on another file system.
        unfinished = kept.with_name(f".{where.var_dir.name}.keys.json")
        keys.write_private(unfinished, keys.read_private(where.keys_file))
        with contextlib.suppress(FileExistsError):  # another session was faster: its keys count
            os.link(unfinished, kept)
        unfinished.unlink()
    elif not keys.read_private(kept).keys() >= keys.NAMES:  # of a commit that knew fewer roles
        keys.write_private(kept, keys.generate() | keys.read_private(kept))
    keys.write_private(where.keys_file, keys.read_private(kept))


def take(where: Places, wanted: str) -> bool:
    """Copy the kept cluster into a session's folders; returns whether there was one."""
    kept = FOLDER / wanted
    try:
        shutil.copytree(kept, where.postgres, symlinks=True)
        os.utime(kept)
    except (FileNotFoundError, shutil.Error):
        # None there, or just being tidied away by another session.
        shutil.rmtree(where.postgres, ignore_errors=True)
        return False
    return True


def keep(where: Places, made_from: str) -> None:
    """Keep a copy of the stopped cluster; the oldest ones make room."""
    unfinished = Path(tempfile.mkdtemp(dir=FOLDER, prefix=".unfinished-"))
    shutil.copytree(where.postgres, unfinished / "postgres", symlinks=True)
    with contextlib.suppress(OSError):  # another session was faster
        (unfinished / "postgres").rename(FOLDER / made_from)
    shutil.rmtree(unfinished, ignore_errors=True)
    clusters = sorted(
        (path for path in FOLDER.glob("[0-9a-f]*") if path.is_dir()), key=lambda path: path.stat().st_mtime
    )
    for old in clusters[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
