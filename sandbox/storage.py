"""The sandbox's SQLite file: opened for each unit of work, which writes alone and wholly or not at all."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sandbox import configuration

# A unit of work takes milliseconds; whoever waits longer than this for its turn is told to come again.
PATIENCE_S = 10.0


def now() -> datetime:
    """Return the time by which everything here is decided."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Write a time so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def prepare() -> None:
    """Create folder, file and tables where they are missing; what is there stays."""
    path = configuration.current().database
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with contextlib.closing(_open(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))


@contextlib.contextmanager
def work() -> Iterator[sqlite3.Connection]:
    """Write as the only writer: everything that is read stays true until the end; an exception undoes it all."""
    with contextlib.closing(_open(configuration.current().database)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


@contextlib.contextmanager
def reading() -> Iterator[sqlite3.Connection]:
    """Read one consistent state."""
    with contextlib.closing(_open(configuration.current().database)) as connection:
        connection.execute("BEGIN")
        yield connection


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    # An answer that was given survives a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    return connection
