"""Where a running copy keeps what: every path derives from VAR_DIR, nothing else is shared between copies."""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from helpdesk.embedded.problem import SetupError

ROOT = Path(__file__).resolve().parents[2]
# sockaddr_un holds 107 bytes and a final zero; the longest name put into the folder is supervisor's
# socket followed by the pid it is made under.
SOCKET_FOLDER_LIMIT = 107 - len("/supervisor.sock.4194304")
# Clients disagree on how a socket path is escaped inside a URL: only paths that need no escaping are used.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+")


@dataclass(frozen=True)
class Places:
    """The folders of one copy; `sockets` lies outside VAR_DIR only when that path cannot hold a socket."""

    var_dir: Path
    secrets: Path
    run: Path
    log: Path
    sockets: Path
    postgres: Path
    valkey: Path

    @property
    def environment_file(self) -> Path:
        """The connections and keys of the running copy, for commands in another terminal."""
        return self.secrets / "environment.json"

    @property
    def public_keys_file(self) -> Path:
        """Public halves of the keys that sign for the exchange: a JWK set."""
        return self.var_dir / "public" / "pharos-keys.json"

    @property
    def keys_file(self) -> Path:
        """Passwords and key material, generated once."""
        return self.secrets / "keys.json"


def of(var_dir: Path) -> Places:
    """Return the folders of the copy that lives in `var_dir` (absolute); nothing is created."""
    run = var_dir / "run"
    return Places(
        var_dir=var_dir,
        secrets=var_dir / "secrets",
        run=run,
        log=var_dir / "log",
        sockets=run if _fits(run) else _short_folder(var_dir),
        postgres=var_dir / "postgres",
        valkey=var_dir / "valkey",
    )


def from_environment() -> Places:
    """Return the folders of the copy named by VAR_DIR (default: var/ beside the code)."""
    return of(Path(os.environ.get("VAR_DIR") or ROOT / "var").expanduser().resolve())


def prepare(places: Places) -> None:
    """Create the folders, private where secrets or sockets live; raises SetupError when that is refused."""
    try:
        for folder in (places.var_dir, places.log, places.valkey):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (places.secrets, places.run, places.sockets):
            private_folder(folder)
    except OSError as error:
        message = f"VAR_DIR={places.var_dir} cannot be written ({error.strerror}): set VAR_DIR to a folder of yours."
        raise SetupError(message) from error


def private_folder(folder: Path) -> None:
    """Create `folder` with mode 0700, or make sure that an existing one is ours and closed to others.

    A folder under /tmp could have been made by somebody else first: never use one that is not ours.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        message = f"{folder} belongs to somebody else: remove it, or set VAR_DIR to a shorter path."
        raise SetupError(message)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder)) <= SOCKET_FOLDER_LIMIT and PLAIN_PATH.fullmatch(str(folder)) is not None


def _short_folder(var_dir: Path) -> Path:
    name = f"pharos-{os.geteuid()}-{hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for base in (runtime, "/tmp"):  # noqa: S108 -- only a 0700 folder of ours is used inside, see private_folder
        if base and Path(base).is_dir() and os.access(base, os.W_OK):
            candidate = Path(base) / name
            if _fits(candidate):
                return candidate
    message = f"VAR_DIR={var_dir} cannot hold sockets: set VAR_DIR to a folder with a shorter, plain name."
    raise SetupError(message)
