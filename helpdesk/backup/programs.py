"""PostgreSQL's own backup programs: where they are, how they are called, whom they connect as."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from helpdesk.embedded import postgres
from helpdesk.embedded.problem import SetupError

DEBIAN = Path(f"/usr/lib/postgresql/{postgres.MAJOR}/bin")
SLOT = "pharos_backup"


def find(name: str) -> Path:
    """Return the program, from the embedded distribution or the machine's own. Raises SetupError without one."""
    try:
        places = [postgres.binaries()]
    except SetupError:
        places = []
    found = shutil.which(name)
    candidates = [*(place / name for place in (*places, DEBIAN)), *([Path(found)] if found else [])]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    message = f"{name} is not installed: install the client programs of PostgreSQL {postgres.MAJOR}."
    raise SetupError(message)


def environment(url: str) -> dict[str, str]:
    """Return the environment of a program that connects to `url`: a password on a command line shows in `ps`."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    name, _, port = host.partition(":")
    given = {
        "PGHOST": unquote(name),
        "PGPORT": port,
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGAPPNAME": SLOT,
        "PGCONNECT_TIMEOUT": "5",
    }
    return {**os.environ, **{key: value for key, value in given.items() if value}}


def run(words: list[str], url: str) -> None:
    """Run one program to its end; raises SetupError with its last words."""
    done = subprocess.run(words, env=environment(url), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = f"{Path(words[0]).name} failed: {postgres.last_line(done.stderr)}"
        raise SetupError(message)


def base_copy(url: str, target: Path) -> None:
    """Copy the whole cluster to `target`, with the log that makes it consistent and its own manifest."""
    run(
        [
            str(find("pg_basebackup")), f"--pgdata={target}", "--format=plain", "--wal-method=stream",
            "--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password",
        ],
        url,
    )  # fmt: skip


def make_slot(url: str) -> None:
    """Make the server keep its log until we have it; safe to repeat."""
    receiver = [str(find("pg_receivewal")), f"--slot={SLOT}", "--create-slot", "--if-not-exists", "--no-password"]
    run(receiver, url)


def receive(url: str, target: Path) -> "subprocess.Popen[str]":
    """Start the program that writes the server's log to `target` as it grows and confirms what is on disk."""
    words = [
        str(find("pg_receivewal")), f"--directory={target}", f"--slot={SLOT}", "--synchronous", "--no-loop",
        "--status-interval=5", "--no-password",
    ]  # fmt: skip
    return subprocess.Popen(
        words,
        env=environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
