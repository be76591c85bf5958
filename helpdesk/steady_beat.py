"""Celery's beat on a clock that may step back: rounds go on at once instead of after the time that has come again."""

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

# Clocks are slewed by less; anything more is a step.
STEP = timedelta(seconds=2)


class SteadyScheduler(PersistentScheduler):
    """The persistent scheduler, told of steps back: a round that was last rung in the future is due as from now."""

    def tick(self, *given: Any, **named: Any) -> float:
        """Look at the clock before each look at the rounds."""
        stepped = [entry for entry in self.schedule.values() if entry.last_run_at > entry.default_now() + STEP]
        for entry in stepped:
            entry.last_run_at = entry.default_now()
        if stepped:
            self._heap = None  # it holds the moments of the old clock
        return float(super().tick(*given, **named))
