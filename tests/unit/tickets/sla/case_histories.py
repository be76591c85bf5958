"""Promises of a resolution through pauses, other terms, changed calendars and reopening, against a slow walk.

The walk knows the rules of `docs/sla.md` in its own words and counts minutes; it shares no arithmetic with the clocks.
`python -m tests.unit.tickets.sla.histories 120000` compares these, too.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from random import Random

from tests.unit.tickets.sla.histories import MINUTE, PER_CALENDAR, PLACES, Walk, calendar, walk
from tickets.sla.business_time import DAY, Hours
from tickets.sla.case_clocks import CaseClocks, Terms
from tickets.sla.vocabulary import Metric, Reopening

RULES = tuple(Reopening)
TARGETS, PERCENTS = (1, 15, 60, 240, 480, 1440), (20, 50, 75, 100)
# What may happen next, by how the case stands: half of the time it goes on.
NEXT = {
    "open": ("pending", "pending", "retarget", "recalendar", "resolved"),
    "pending": ("open", "open", "retarget", "recalendar", "resolved"),
    "resolved": ("open", "open", "pending"),
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """The same hours as the clocks know them and minute by minute."""

    hours: Hours
    walked: Walk


@dataclass(frozen=True, slots=True)
class Promised:
    """So many minutes by this calendar, a warning at a percent of them, and what reopening does."""

    minutes: int
    percent: int
    rule: str
    by: Calendar


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at a minute: `open`, `pending` or `resolved`, other terms, or a calendar that is changed."""

    at: int
    what: str
    promised: Promised


# How many minutes a promise took, and in which it was warned of and missed.
Outcome = tuple[int, int | None, int | None]


@dataclass(slots=True)
class Counted:
    """One promise, counted on one's fingers: nothing is looked at before something stops it."""

    promised: Promised
    since: int | None
    used: int = 0
    warned: int | None = None
    missed: int | None = None
    is_kept: bool = False

    def stop(self, now: int) -> None:
        """Count from when it began to run, by the calendar of now."""
        if self.since is None:
            return
        may_warn = self.promised.percent < 100 and self.missed is None
        self._look(self.since, may_warn=may_warn)
        for minute in range(self.since, now):
            if self.promised.by.walked.is_open[minute]:
                self.used += 1
                self._look(minute + 1, may_warn=may_warn)
        self.since = None

    def _look(self, minute: int, *, may_warn: bool) -> None:
        if may_warn and self.warned is None and 100 * self.used >= self.promised.percent * self.promised.minutes:
            self.warned = minute
        if self.missed is None and self.used >= self.promised.minutes:
            self.missed = minute


@dataclass(slots=True)
class Case:
    """What the documentation says of a case's promises of a resolution."""

    promised: Promised
    status: str = "open"
    promises: list[Counted] = field(default_factory=list)

    def begin(self, now: int) -> None:
        self.promises.append(Counted(self.promised, now if self.status == "open" else None))

    def step(self, step: Step) -> None:
        before, last = self.status, self.promises[-1]
        if step.what == "recalendar":
            # By other hours since it runs: the calendar was wrong all the time.
            self.promised = last.promised = step.promised
        elif step.what == "retarget":
            was_running = last.since is not None
            last.stop(step.at)
            self.promised = last.promised = step.promised
            last.since = step.at if was_running else None
        else:
            self.status = step.what
            if before == "resolved":
                self._reopen(step.at)
            elif step.what == "open":
                last.since = step.at
            else:
                last.stop(step.at)
                last.is_kept = step.what == "resolved"

    def _reopen(self, now: int) -> None:
        if self.promised.rule == Reopening.ANEW:
            self.begin(now)
        elif self.promised.rule == Reopening.CONTINUE:
            last = self.promises[-1]
            last.is_kept = False
            last.since = now if self.status == "open" else None


def differences(random: Random, count: int, *, seen: Counter[str] | None = None) -> Iterator[str]:
    """Yield how a generated case differs from its walk; `seen` counts the kinds of steps."""
    calendars: list[Calendar] = []
    for number in range(count):
        if number % PER_CALENDAR == 0:
            calendars = _calendars(random)
        begins, steps = _history(random, calendars)
        if seen is not None:
            seen.update(step.what if step.what != "open" else f"open, {step.promised.rule}" for step in steps)
        slow, fast = _slow(begins, steps), _fast(begins, steps)
        if slow != fast:
            told = [(step.at, step.what, step.promised.minutes, step.promised.percent) for step in steps]
            yield f"{number}: {begins.rule}, {told}: {fast}, walked {slow}"


def _calendars(random: Random) -> list[Calendar]:
    """Return two calendars of one place, as one that is changed is before and after."""
    zone, nears = random.choice(PLACES)
    near = date.fromisoformat(random.choice(nears))
    start = datetime.combine(near, time(), UTC) - 3 * DAY + random.randint(0, 1439) * MINUTE
    return [Calendar(hours, walk(hours, start)) for hours in (calendar(random, near, zone) for _ in range(2))]


def _history(random: Random, calendars: Sequence[Calendar]) -> tuple[Promised, list[Step]]:
    def promised(by: Calendar) -> Promised:
        return Promised(random.choice(TARGETS), random.choice(PERCENTS), rule, by)

    rule = random.choice(RULES)
    begins = now = promised(random.choice(calendars))
    length = len(now.by.walked.is_open)
    steps, status = [Step(random.randrange(length // 2), "open", now)], "open"
    for at in sorted(random.sample(range(steps[0].at + 1, length), random.randint(2, 8))):
        what = random.choice(NEXT[status])
        if what == "retarget":
            now = promised(now.by)
        elif what == "recalendar":
            other = next(one for one in calendars if one is not now.by)
            now = Promised(now.minutes, now.percent, rule, other)
        else:
            status = what
        steps.append(Step(at, what, now))
        # Left as it was, nothing of it runs any more.
        if status != "resolved" and rule == Reopening.LEAVE and any(step.what == "resolved" for step in steps):
            break
    steps.append(Step(length - 1, "resolved" if status != "resolved" else "open", now))
    return begins, steps


def _slow(begins: Promised, steps: Sequence[Step]) -> list[Outcome]:
    case = Case(begins)
    case.begin(steps[0].at)
    for step in steps[1:]:
        case.step(step)
    for one in case.promises:
        one.stop(steps[-1].at)
    return [(one.used, one.warned, one.missed) for one in case.promises]


def _fast(begins: Promised, steps: Sequence[Step]) -> list[Outcome]:
    start = begins.by.walked.start
    clocks, status = CaseClocks(_terms(begins)), "open"
    clocks.opened(start + steps[0].at * MINUTE, status=status, is_asked=False)
    for step in steps[1:]:
        at, terms = start + step.at * MINUTE, _terms(step.promised)
        if step.what == "recalendar":
            clocks.terms = terms
            for clock in clocks.open():
                clock.hours = terms.hours
        elif step.what == "retarget":
            clocks.retermed(at, terms, status=status)
        else:
            clocks.moved(at, before=status, to=step.what)
            status = step.what
    for clock in clocks.open():
        clock.pause(start + steps[-1].at * MINUTE)

    def minute(moment: datetime | None) -> int | None:
        # The walk sees whole minutes: what falls within one is seen at its end.
        return None if moment is None else -(-(moment - start) // MINUTE)

    return [(one.used // MINUTE, minute(one.warned_at), minute(one.breached_at)) for one in clocks.clocks]


def _terms(promised: Promised) -> Terms:
    return Terms(
        targets={Metric.RESOLUTION: promised.minutes * MINUTE},
        hours=promised.by.hours,
        warn_percent=promised.percent,
        reopening=promised.rule,
    )
