"""Disks that fill up: how much room is left, and what a process does that met a full one."""

import errno
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.db import Error
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from core import heartbeat
from core.own_connection import own_cursor

log = structlog.get_logger(__name__)

# Nearly full below the lesser of a share and an amount, so that neither a small nor a huge disk alarms too early.
LOW_SHARE, LOW_BYTES = 0.10, 2_000_000_000
FULL_SHARE, FULL_BYTES = 0.01, 100_000_000
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
DISK_FULL = "53100"  # PostgreSQL's SQLSTATE
AGAIN_AFTER_S = 1

_beginning = threading.Lock()
_patiently = Retrying(
    retry=retry_if_exception_type(Error),
    wait=wait_fixed(AGAIN_AFTER_S),
    stop=stop_after_delay(heartbeat.FULL_IS_NEWS_S),
    reraise=True,
)


@dataclass(frozen=True, slots=True)
class Room:
    """What is left on one disk, in bytes."""

    free: int
    total: int

    @property
    def is_low(self) -> bool:
        """Nearly full."""
        return self.free < min(self.total * LOW_SHARE, LOW_BYTES)

    @property
    def is_full(self) -> bool:
        """As good as full."""
        return self.free < min(self.total * FULL_SHARE, FULL_BYTES)


def room(folder: Path) -> Room:
    """Measure the disk under `folder` or its nearest parent that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.total)


def is_no_room(error: BaseException) -> bool:
    """Whether an error of the file system or of the database says that a disk is full."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    cause = error.__cause__
    return getattr(cause, "sqlstate", "") == DISK_FULL or "No space left" in str(error)


class StorageFull(Exception):
    """No space is left for files; nothing was kept."""


def place_of(error: BaseException) -> str:
    """Name what is full, as docs/operations.md does."""
    if isinstance(error, StorageFull):
        return "media"
    return "temporary" if isinstance(error, OSError) else "database"


def report_full(place: str) -> None:
    """Say that `place` was full just now: in the log always, for the alarm as soon as the database takes a row."""
    log.critical("disk_full", place=place)
    try:
        _record_full(place)
    except Error as error:
        log.warning("disk_full_not_recorded", place=place, reason=type(error).__name__)
        _record_later(place)


def _record_full(place: str) -> None:
    with own_cursor() as cursor:
        heartbeat.beat_on(cursor, f"{heartbeat.FULL}{place}", detail="", is_ok=False)


def _record_later(place: str) -> None:
    """Try on beside the work, one thread for each place, until it is no news any more."""
    with _beginning:
        if any(thread.name == f"full {place}" for thread in threading.enumerate()):
            return
        threading.Thread(target=_record_when_possible, args=(place,), name=f"full {place}", daemon=True).start()


def _record_when_possible(place: str) -> None:
    try:
        _patiently(_record_full, place)
    except Error as error:
        log.warning("disk_full_never_recorded", place=place, reason=type(error).__name__)
