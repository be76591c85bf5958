"""Celery's scheduler with a heartbeat of its own, on a clock that may step back.

It writes its own heartbeat, so that a silent worker is not taken for a silent scheduler. After a step back rounds go
on at once instead of after the time that has come again.
"""

import time
from datetime import timedelta
from typing import Any

import structlog
from celery.beat import PersistentScheduler
from django.db import Error, connection

from core import heartbeat

log = structlog.get_logger(__name__)
BEAT_EVERY_S = 10.0
# Clocks are slewed by less; anything more is a step.
STEP = timedelta(seconds=2)


class Scheduler(PersistentScheduler):  # type: ignore[misc]  # celery types none of it
    """Schedules as ever, and says every ten seconds that it does."""

    _beaten_at = -BEAT_EVERY_S

    def tick(self, *args: Any, **named: Any) -> float:
        """Send what is due; return the seconds until the next time."""
        self._follow_steps_back()
        wait_s = float(super().tick(*args, **named))
        if time.monotonic() - self._beaten_at >= BEAT_EVERY_S:
            self._beaten_at = time.monotonic()
            _beat()
        return min(wait_s, BEAT_EVERY_S)

    def _follow_steps_back(self) -> None:
        """Make a round that was last rung in the future due as from now."""
        now = self.app.now()
        stepped = [entry for entry in self.schedule.values() if entry.last_run_at > now + STEP]
        for entry in stepped:
            entry.last_run_at = now
        if stepped:
            self._heap = None  # it holds the moments of the old clock


def _beat() -> None:
    try:
        connection.close_if_unusable_or_obsolete()
        heartbeat.beat("beat")
    except Error as error:
        connection.close()
        log.warning("heartbeat_missed", reason=type(error).__name__)
