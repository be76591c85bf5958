"""One test session: its scratch folder, the names of its databases, and the environment of each test process."""

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from helpdesk.embedded import environment, keys, places
from helpdesk.embedded.environment import PORTS, with_database
from helpdesk.embedded.places import Places
from helpdesk.launcher import preflight
from tests.support import kept_cluster

FOLDER_NAME = "PHAROS_TEST_DIR"
WORKER_NAME = "PYTEST_XDIST_WORKER"
CONTROLLER = "main"
SETTINGS = "helpdesk.settings.test"
# Whoever measures what production pays wants a real disk, and a session needs less than this by far.
DURABLE_NAME = "PHAROS_TEST_DURABLE"
MEMORY = Path("/dev/shm")  # noqa: S108 -- only a 0700 folder with a random name is used inside
MEMORY_BYTES = 6_000_000_000
# Held by the session's first process as long as it lives.
LOCK = "session.lock"
NEW_S = 60.0
_held: list[int] = []


@dataclass(frozen=True)
class Session:
    """The scratch folder of the whole session and the share of this test process."""

    folder: Path
    worker: str

    @property
    def where(self) -> Places:
        """Folders of the shared PostgreSQL."""
        return places.of(self.folder)

    @property
    def own(self) -> Places:
        """Folders of this test process: its Valkey, its media, its running system."""
        return places.of(self.folder / self.worker)

    @property
    def is_in_memory(self) -> bool:
        """Whether the scratch folder lies in memory."""
        return self.folder.parent == MEMORY

    @property
    def template(self) -> str:
        """The migrated database that every other one is a clone of."""
        # A server of ours holds nothing else, and a constant name lets its cluster be kept.
        prefix = "pharos_test" if self.starts_postgres else self.folder.name
        return f"{prefix}_template".replace("-", "_")

    @property
    def database(self) -> str:
        """The database of this test process, whose tests roll back."""
        return f"{self.folder.name}_{self.worker}".replace("-", "_")

    @property
    def base(self) -> dict[str, str]:
        """URLs and keys shared by the whole session."""
        return keys.read_private(self.where.environment_file)

    def environment(self) -> dict[str, str]:
        """Return what the settings of this process are read from."""
        base = self.base
        values = {name: value for name, value in base.items() if name.startswith("PHAROS_")} | {
            name: with_database(base[name], self.database)
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "DATABASE_VERIFIER_URL")
        }
        values |= {name: str(preflight.free_port()) for name in PORTS}
        values |= {
            "SECRET_KEY": base["SECRET_KEY"],
            "VAR_DIR": str(self.own.var_dir),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
        }
        values["REDIS_URL"] = base["REDIS_URL"]
        if self.starts_valkey:
            values["REDIS_URL"] = environment.redis_url(
                self.own, keys.read_private(self.where.keys_file)["redis_password"]
            )
        return values

    @property
    def starts_postgres(self) -> bool:
        """Whether the session has a PostgreSQL of its own."""
        return quote(str(self.where.sockets), safe="") in self.base["DATABASE_ADMIN_URL"]

    @property
    def starts_valkey(self) -> bool:
        """Whether each test process starts a Valkey of its own: publish and subscribe know no logical databases."""
        return str(self.where.sockets) in self.base["REDIS_URL"]


def begin() -> Session:
    """Make the scratch folder of a new session; it disappears with the session."""
    place = _place()
    if place == MEMORY:
        tidy_away(place)
    folder = place / f"pharos-test-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    hold(folder)
    where = places.of(folder)
    places.prepare(where)
    kept_cluster.use_kept_keys(where)
    environment.resolve(where, os.environ)
    os.environ[FOLDER_NAME] = str(folder)
    return Session(folder, CONTROLLER)


def hold(folder: Path) -> None:
    """Mark the folder as in use until this process is gone, however it ends."""
    _held.append(os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    fcntl.flock(_held[-1], fcntl.LOCK_EX)


def tidy_away(place: Path) -> None:
    """Remove folders that killed sessions have left: memory would hold them until the machine starts anew."""
    for lock in place.glob(f"pharos-test-*/{LOCK}"):
        with contextlib.suppress(OSError), lock.open("rb") as file:  # somebody else's, in use, or going just now
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who has only just begun may not hold it yet.
            if time.time() - os.fstat(file.fileno()).st_mtime > NEW_S:
                shutil.rmtree(lock.parent, ignore_errors=True)


def _place() -> Path:
    """Return where scratch folders go: into memory where there is plenty, else to the machine's temporary files.

    A clone of the template is a thousand files: a disk takes ten times as long to make and to drop them.
    """
    is_durable = bool(os.environ.get(DURABLE_NAME))
    if not is_durable and MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and _is_roomy():
        return MEMORY
    return Path(tempfile.gettempdir()).resolve()


def _is_roomy() -> bool:
    """Whether the file system in memory has room, and the memory itself."""
    known = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
    available = int(known["MemAvailable"].split()[0]) * 1024
    return min(shutil.disk_usage(MEMORY).free, available) >= MEMORY_BYTES


def current() -> Session:
    """Return the session of this test process, which the plugin `start` has set up."""
    return Session(Path(os.environ[FOLDER_NAME]), os.environ.get(WORKER_NAME, CONTROLLER))
