"""One test session: its scratch folder, the names of its databases, and the environment of each test process."""

import os
import secrets
import tempfile
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
    folder = Path(tempfile.gettempdir()).resolve() / f"pharos-test-{secrets.token_hex(4)}"
    where = places.of(folder)
    places.prepare(where)
    kept_cluster.use_kept_keys(where)
    environment.resolve(where, os.environ)
    os.environ[FOLDER_NAME] = str(folder)
    return Session(folder, CONTROLLER)


def current() -> Session:
    """Return the session of this test process, which the plugin `start` has set up."""
    return Session(Path(os.environ[FOLDER_NAME]), os.environ.get(WORKER_NAME, CONTROLLER))
