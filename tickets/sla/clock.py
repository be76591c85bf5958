"""One clock: business time used against a target, through pauses, to its end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tickets.sla.business_time import NONE, Hours, after, between


@dataclass(slots=True)
class Clock:
    """One promise to one case. It runs since `runs_since`, is paused without it, and is over once met or ended.

    `used` is the business time that had passed when it last began to run. What was warned of and missed stays so.
    """

    metric: str
    target: timedelta
    hours: Hours
    warn_percent: int
    started_at: datetime
    runs_since: datetime | None
    used: timedelta = NONE
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    met_at: datetime | None = None
    # Over without judgement: nothing is left that could keep or miss the promise.
    ended_at: datetime | None = None
    # How often the customer has heard from us within the time, where the promise begins anew each time.
    rounds: int = 0
    # What it was before the last answer of ours, which can be taken back.
    undo: dict[str, Any] | None = field(default=None)
    # The row it was read from; None for one that is new.
    pk: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has been met or ended."""
        return self.met_at is not None or self.ended_at is not None

    @property
    def is_running(self) -> bool:
        """Whether time is being counted."""
        return self.runs_since is not None and not self.is_over

    @property
    def due_at(self) -> datetime | None:
        """When it is or was missed; None while it is paused or over, or for one that nobody will live to see."""
        if self.breached_at is not None and not self.is_over:
            return self.breached_at
        return self._reaches(self.target)

    @property
    def warn_at(self) -> datetime | None:
        """When so many percent of the target have passed; None where there is no such moment to come or past."""
        if self.warn_percent >= 100 or self.breached_at is not None:
            return None
        return self._reaches(self.target * self.warn_percent / 100)

    def _reaches(self, much: timedelta) -> datetime | None:
        if self.runs_since is None or self.is_over:
            return None
        return after(self.hours, self.runs_since, much - self.used)

    def used_at(self, now: datetime) -> timedelta:
        """Return the business time it has taken until `now`."""
        if not self.is_running or self.runs_since is None:
            return self.used
        return self.used + between(self.hours, self.runs_since, now)

    def notice(self, now: datetime) -> None:
        """Write down what has come about until `now`, at the moments at which it did."""
        if not self.is_running:
            return
        warn, due = self.warn_at, self.due_at
        if self.breached_at is None and due is not None and due <= now:
            self.breached_at = due
        if self.warned_at is None and warn is not None and warn <= now:
            self.warned_at = warn

    def pause(self, now: datetime) -> None:
        """Stop counting."""
        if self.is_running:
            self.notice(now)
            self.used, self.runs_since = self.used_at(now), None

    def resume(self, now: datetime) -> None:
        """Count again."""
        if not self.is_over and self.runs_since is None:
            self.runs_since = now

    def meet(self, now: datetime) -> None:
        """The promise is kept, in time or late."""
        self._finish(now)
        self.met_at = now

    def end(self, now: datetime) -> None:
        """Nothing is left to keep; what was missed before stays missed."""
        self._finish(now)
        self.ended_at = now

    def _finish(self, now: datetime) -> None:
        self.notice(now)
        self.used, self.runs_since = self.used_at(now), None

    def reopen(self) -> None:
        """Take back that it was met: it is paused, since the time in between does not count."""
        self.met_at = None

    def restart(self, now: datetime) -> None:
        """Begin the next round: the promise of the last one is kept."""
        self.rounds += 1
        self.started_at, self.used = now, NONE
        self.runs_since = now if self.runs_since is not None else None
        self.warned_at = None

    def retarget(self, now: datetime, *, target: timedelta, hours: Hours, warn_percent: int) -> None:
        """Promise something else from now on: what was used stays used, by the hours that held until now."""
        was_running = self.is_running
        self.pause(now)
        self.target, self.hours, self.warn_percent = target, hours, warn_percent
        if was_running:
            self.resume(now)
