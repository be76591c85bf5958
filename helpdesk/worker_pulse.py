"""The worker's sign of life: whatever it has done, written every ten seconds at most.

The one that is rung for (`core.heartbeat_beat`) is for a worker without work: it waits behind a long queue,
where it is worth nothing any more when its turn comes.
"""

import time

import structlog
from django.db import Error, connection

from core import heartbeat

log = structlog.get_logger(__name__)
BEAT_EVERY_S = 10.0


class Pulse:
    """Of one process."""

    def __init__(self) -> None:
        self._beaten_at = -BEAT_EVERY_S

    def after_a_task(self) -> None:
        """Say that the worker works, unless this process has just said so."""
        if time.monotonic() - self._beaten_at < BEAT_EVERY_S:
            return
        self._beaten_at = time.monotonic()
        try:
            connection.close_if_unusable_or_obsolete()
            heartbeat.beat("worker")
        except Error as error:
            connection.close()
            log.warning("heartbeat_missed", reason=type(error).__name__)
