"""Celery's scheduler with a heartbeat of its own, written by itself: a silent worker is not a silent scheduler."""

import time
from typing import Any

import structlog
from celery.beat import PersistentScheduler
from django.db import Error, connection

from core import heartbeat

log = structlog.get_logger(__name__)
BEAT_EVERY_S = 10.0


class Scheduler(PersistentScheduler):  # type: ignore[misc]  # celery types none of it
    """Schedules as ever, and says every ten seconds that it does."""

    _beaten_at = -BEAT_EVERY_S

    def tick(self, *args: Any, **named: Any) -> float:
        """Send what is due; return the seconds until the next time."""
        wait_s = float(super().tick(*args, **named))
        if time.monotonic() - self._beaten_at >= BEAT_EVERY_S:
            self._beaten_at = time.monotonic()
            _beat()
        return min(wait_s, BEAT_EVERY_S)


def _beat() -> None:
    try:
        connection.close_if_unusable_or_obsolete()
        heartbeat.beat("beat")
    except Error as error:
        connection.close()
        log.warning("heartbeat_missed", reason=type(error).__name__)
