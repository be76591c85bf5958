"""The clocks of one case, and what each thing that happens to the case does to them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tickets.sla.business_time import Hours
from tickets.sla.clock import Clock
from tickets.sla.vocabulary import RESPONSES, Metric, Reopening

DONE = frozenset({"resolved", "closed"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a case is promised: a time for some of the metrics, by which hours, and when no time counts."""

    targets: Mapping[str, timedelta]
    hours: Hours
    warn_percent: int = 75
    pauses_in: frozenset[str] = frozenset({"pending", "on_hold"})
    reopening: str = Reopening.CONTINUE


@dataclass(slots=True)
class CaseClocks:
    """All open clocks of a case and its latest one for a resolution, under the terms it has (None: none any more)."""

    terms: Terms | None
    clocks: list[Clock] = field(default_factory=list)

    def opened(self, at: datetime, *, status: str, is_asked: bool) -> None:
        """The case begins, or comes under a policy: somebody asks, unless we wrote first or have answered."""
        if is_asked:
            self._start(Metric.FIRST_RESPONSE, at, status)
        else:
            self._start(Metric.UPDATE_EVERY, at, status)
        if status not in DONE:
            self._start(Metric.RESOLUTION, at, status)

    def asked(self, at: datetime, *, status: str) -> None:
        """The customer said something: one that waits already waits since the first time."""
        if not self.waits():
            self._start(Metric.NEXT_RESPONSE, at, status)

    def answered(self, at: datetime, *, status: str, seq: int) -> None:
        """We said something, as message `seq`; that can be taken back for a moment."""
        for clock in [one for one in self.open() if one.metric in RESPONSES]:
            clock.undo = _state(clock, seq)
            clock.meet(at)
        running = self.find(Metric.UPDATE_EVERY)
        if running is None:
            self._start(Metric.UPDATE_EVERY, at, status, undo={"seq": seq, "is_new": True})
            return
        running.notice(at)
        running.undo = _state(running, seq)
        if running.breached_at is None:
            running.restart(at)
            return
        # A round that was missed stays to be seen: the next is another clock.
        running.meet(at)
        self._start(Metric.UPDATE_EVERY, at, status, undo={"seq": seq, "is_new": True})

    def taken_back(self, at: datetime, *, status: str, seq: int) -> None:
        """The answer `seq` was never sent: what it did to the clocks is undone."""
        for clock in self.clocks:
            undo = clock.undo
            if undo is None or undo["seq"] != seq:
                continue
            clock.undo = None
            if undo.get("is_new"):
                clock.end(at)
                continue
            if clock.metric in RESPONSES:
                # Who asked again meanwhile waits since the first time.
                for newer in [one for one in self.open() if one.metric in RESPONSES]:
                    newer.end(at)
            _restore(clock, undo)
            if status in DONE:
                clock.end(at)
            elif status in self._pauses:
                clock.pause(at)

    def moved(self, at: datetime, *, before: str, to: str) -> None:
        """The status changed."""
        if to in DONE:
            for clock in self.open():
                if clock.metric == Metric.RESOLUTION:
                    clock.meet(at)
                else:
                    clock.end(at)
            return
        if before in DONE:
            self._reopened(at, to)
        for clock in self.open():
            if to in self._pauses:
                clock.pause(at)
            else:
                clock.resume(at)

    def set_aside(self, at: datetime) -> list[Clock]:
        """The case goes on elsewhere: nothing is left to keep here. Returns the clocks that ended by it."""
        ended = self.open()
        for clock in ended:
            clock.end(at)
        return ended

    def taken_up(self, at: datetime, clocks: Collection[int], *, status: str) -> None:
        """The case goes on here again: the clocks that were set aside do, without the time between."""
        for clock in self.clocks:
            if clock.pk in clocks and clock.ended_at is not None and self.find(clock.metric) is None:
                clock.ended_at = None
                if status not in self._pauses and status not in DONE:
                    clock.resume(at)

    def retermed(self, at: datetime, terms: Terms | None, *, status: str, waits_for: str = "") -> None:
        """Other terms hold from now on. Without a target a clock ends; a first target begins to count now.

        `waits_for` is the response that the customer waits for, where no clock tells.
        """
        self.terms = terms
        for clock in self.open():
            target = terms.targets.get(clock.metric) if terms else None
            if terms is None or target is None:
                clock.end(at)
                continue
            clock.retarget(at, target=target, hours=terms.hours, warn_percent=terms.warn_percent)
            if status in self._pauses:
                clock.pause(at)
            else:
                clock.resume(at)
        if status in DONE:
            return
        if waits_for and not self.waits():
            self._start(waits_for, at, status)
        if not any(clock.metric == Metric.RESOLUTION for clock in self.clocks):
            self._start(Metric.RESOLUTION, at, status)

    def waits(self) -> bool:
        """Whether a response has an open clock."""
        return any(clock.metric in RESPONSES for clock in self.open())

    def open(self) -> list[Clock]:
        """Return the clocks that are not over."""
        return [clock for clock in self.clocks if not clock.is_over]

    def find(self, metric: str) -> Clock | None:
        """Return the open clock of a metric."""
        return next((clock for clock in self.open() if clock.metric == metric), None)

    def next_due(self) -> Clock | None:
        """Return the running clock that is missed first, or was: the one to look at."""
        dues = [(clock.due_at, clock) for clock in self.open()]
        return min(
            ((due, one) for due, one in dues if due is not None), key=lambda pair: pair[0], default=(None, None)
        )[1]

    @property
    def _pauses(self) -> frozenset[str]:
        return self.terms.pauses_in if self.terms else frozenset()

    def _reopened(self, at: datetime, to: str) -> None:
        if self.terms is None:
            return
        last = next((clock for clock in reversed(self.clocks) if clock.metric == Metric.RESOLUTION), None)
        if self.terms.reopening == Reopening.CONTINUE and last is not None and last.met_at is not None:
            last.reopen()
        elif self.terms.reopening == Reopening.ANEW:
            self._start(Metric.RESOLUTION, at, to)
        self._start(Metric.UPDATE_EVERY, at, to)

    def _start(self, metric: str, at: datetime, status: str, *, undo: dict[str, Any] | None = None) -> None:
        if self.terms is None or metric not in self.terms.targets or self.find(metric) is not None:
            return
        is_still = status in self._pauses or status in DONE
        self.clocks.append(
            Clock(
                metric=metric,
                target=self.terms.targets[metric],
                hours=self.terms.hours,
                warn_percent=self.terms.warn_percent,
                started_at=at,
                runs_since=None if is_still else at,
                undo=undo,
            )
        )


_KEPT = ("started_at", "runs_since", "warned_at")


def _state(clock: Clock, seq: int) -> dict[str, Any]:
    """Return what an answer changes, as JSON knows it."""
    times = {name: (at.isoformat() if (at := getattr(clock, name)) else None) for name in _KEPT}
    return {"seq": seq, "used_us": clock.used // timedelta(microseconds=1), "rounds": clock.rounds, **times}


def _restore(clock: Clock, undo: Mapping[str, Any]) -> None:
    for name in _KEPT:
        setattr(clock, name, datetime.fromisoformat(undo[name]) if undo[name] else None)
    clock.used = timedelta(microseconds=undo["used_us"])
    clock.rounds = undo["rounds"]
    clock.met_at = clock.ended_at = None
