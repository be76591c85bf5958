"""The folder a backup lives in: what lies where, whose it is, and that nobody else reads it.

    identity.json     which cluster this is a backup of
    settings.json     what the restored server must be given at least
    base/STAMP/       a copy of the whole cluster, and base/STAMP.sha256
    wal/              every log segment since the oldest base, and wal.sha256
    media/            the files, and media.sha256
    anchors           the anchors of the audit log, one round old
    base-owed         there while the log has a hole that only a new base copy mends

The lists are in the format of `sha256sum --check`, to be run in the folder.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from helpdesk.embedded.problem import SetupError

README = """\
A backup of Pharos: copies of the database, its log, and the files of messages. `manage.py restore` reads it.

THE KEYS ARE NOT IN HERE. Without PHAROS_FIELD_KEYS, PHAROS_MAIL_KEYS and the seal's private half, stored
secrets and raw mail cannot be opened again: keep them in another place, and have them there.

`sha256sum --check --quiet media.sha256 wal.sha256 base/*.sha256` in this folder says whether it is whole.
"""
PIECE = 1 << 20
PARTIAL = ".partial"


@dataclass(frozen=True)
class Folder:
    """One backup folder; `root` is absolute."""

    root: Path

    @property
    def base(self) -> Path:
        """The copies of the cluster."""
        return self.root / "base"

    @property
    def wal(self) -> Path:
        """The log."""
        return self.root / "wal"

    @property
    def media(self) -> Path:
        """The files."""
        return self.root / "media"

    @property
    def anchors(self) -> Path:
        """The anchors of the audit log."""
        return self.root / "anchors"

    def owed(self) -> str:
        """Return the mark of the base copy that is owed, empty when none is."""
        path = self.root / "base-owed"
        return path.read_text(encoding="ascii") if path.exists() else ""

    def owe(self) -> None:
        """Remember that the log has a hole: what there is ends before it until there is a new base copy."""
        write(self.root / "base-owed", secrets.token_hex())

    def settle(self, mark: str) -> None:
        """A base copy begun with this mark is made; one that is owed since then stays owed."""
        if mark and self.owed() == mark:
            (self.root / "base-owed").unlink()

    def bases(self) -> list[Path]:
        """Return the complete copies of the cluster, oldest first: only those have a list."""
        return sorted(path.with_suffix("") for path in self.base.glob("*.sha256"))

    def identity(self) -> dict[str, str]:
        """Return what is written about the cluster, empty for a folder that is no backup."""
        try:
            found = json.loads((self.root / "identity.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {str(name): str(value) for name, value in found.items()}

    def settings(self) -> dict[str, str]:
        """Return the settings without which the log cannot be replayed, as the server had them."""
        path = self.root / "settings.json"
        return {str(name): str(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}

    def claim(self, identity: dict[str, str], settings: dict[str, str]) -> None:
        """Make the folder ours with mode 0700, or check that it is a backup of this very cluster. Raises SetupError."""
        known = self.identity()
        if known and {**known, **identity} != known:
            message = (
                f"{self.root} is the backup of another cluster, or of this one before it was restored: "
                "name an empty folder with --to."
            )
            raise SetupError(message)
        if not known and self.root.exists() and any(self.root.iterdir()):
            message = f"{self.root} is not empty and no backup: name an empty folder with --to."
            raise SetupError(message)
        for folder in (self.root, self.base, self.wal, self.media):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        write(self.root / "README.txt", README)
        write(self.root / "identity.json", json.dumps(identity, indent=1) + "\n")
        write(self.root / "settings.json", json.dumps(settings, indent=1) + "\n")


def write(path: Path, text: str) -> None:
    """Replace a small file in one step, mode 0600."""
    unfinished = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def copy(source: Path, target: Path) -> str:
    """Copy one file durably, in one step, and return the SHA-256 of what was copied."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = target.with_name(f"{target.name}.new")
    whole = hashlib.sha256()
    with (
        source.open("rb") as reading,
        os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing,
    ):
        while piece := reading.read(PIECE):
            whole.update(piece)
            writing.write(piece)
        writing.flush()
        os.fsync(writing.fileno())
    unfinished.replace(target)
    return whole.hexdigest()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_of(root: Path, files: Iterable[Path]) -> str:
    """Return the lines of a list, with paths relative to `root`."""
    return "".join(f"{digest(path)}  {path.relative_to(root)}\n" for path in files)


def append(path: Path, lines: str) -> None:
    """Add lines to a list, durably."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def listed(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (relative path, SHA-256) of a list; a last line that was cut off is left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        value, _, name = line.rstrip("\n").partition("  ")
        if name and line.endswith("\n"):
            yield name, value
