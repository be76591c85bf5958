"""Clocks against a slow walk that is plainly right: minute by minute, with a look at the clock on the wall at each.

`python -m tests.unit.tickets.sla.histories 100000` compares so many generated histories, and as many of cases
(`case_histories.py`), and prints what differs.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tickets.sla.business_time import DAY, Hours, Interval, between
from tickets.sla.clock import Clock
from tickets.sla.holidays import HolidayList

MINUTE = timedelta(minutes=1)
DAYS = 9
PER_CALENDAR = 50
# Zones that change the clock at midnight, by half an hour, against the sun or not at all, and dates at which they do.
PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Europe/Berlin", ("2026-03-29", "2026-10-25", "2028-02-29")),
    ("America/New_York", ("2026-03-08", "2026-11-01", "2024-02-29")),
    ("Australia/Lord_Howe", ("2026-04-05", "2026-10-04")),
    ("Africa/Cairo", ("2026-04-24", "2026-10-30")),
    ("Asia/Beirut", ("2026-03-29", "2026-10-25")),
    ("America/Santiago", ("2026-04-05", "2026-09-06")),
    ("Pacific/Apia", ("2011-12-30",)),
    ("Asia/Kathmandu", ("2026-12-31",)),
    ("Asia/Shanghai", ("2026-10-01", "2027-02-08")),
    ("Africa/Casablanca", ("2026-02-15", "2026-03-22")),
    ("UTC", ("2024-02-28", "2100-02-28")),
)
HOLIDAYS = (None, HolidayList("DE", "BY"), HolidayList("US"), HolidayList("CN"))


@dataclass(frozen=True, slots=True)
class Walk:
    """Minutes of a stretch of days, and of each whether it is business time."""

    start: datetime
    is_open: list[bool]


@dataclass(slots=True)
class Walked:
    """What a clock shows, counted on one's fingers."""

    used: int = 0
    warned_at: int | None = None
    breached_at: int | None = None


def calendar(random: Random, near: date, zone: str) -> Hours:
    """Return a calendar that somebody might have, or nobody would."""
    week = tuple(_intervals(random) for _day in range(7))
    dates = {near + random.randint(-3, 4) * DAY: _intervals(random) for _ in range(random.randint(0, 2))}
    return Hours(ZoneInfo(zone), week, dates, random.choice(HOLIDAYS))


def _intervals(random: Random) -> tuple[Interval, ...]:
    marks = sorted(random.sample(range(0, 1441, random.choice((1, 15, 30))), 2 * random.choice((0, 1, 1, 1, 2, 3))))
    return tuple((_wall(opens) or time(), _wall(closes)) for opens, closes in zip(marks[::2], marks[1::2], strict=True))


def _wall(minute: int) -> time | None:
    return time(minute // 60, minute % 60) if minute < 1440 else None


def walk(hours: Hours, start: datetime) -> Walk:
    """Look at the wall clock at each minute."""
    return Walk(start, [_is_open(hours, start + number * MINUTE) for number in range(DAYS * 1440)])


def _is_open(hours: Hours, at: datetime) -> bool:
    shown = at.astimezone(hours.zone)
    wall = shown.time().replace(tzinfo=None, fold=0)
    return any(opens <= wall and (closes is None or wall < closes) for opens, closes in hours.of_date(shown.date()))


def differences(random: Random, count: int) -> Iterator[str]:
    """Yield how a generated history differs from its walk; nothing when the arithmetic is right."""
    hours, walked = None, None
    for number in range(count):
        if hours is None or walked is None or number % PER_CALENDAR == 0:
            zone, nears = random.choice(PLACES)
            near = date.fromisoformat(random.choice(nears))
            hours = calendar(random, near, zone)
            start = datetime.combine(near, time(), UTC) - 3 * DAY + random.randint(0, 1439) * MINUTE
            walked = walk(hours, start)
        yield from _compare(random, hours, walked, number)


def _compare(random: Random, hours: Hours, walked: Walk, number: int) -> Iterator[str]:
    length = len(walked.is_open)
    first, last = sorted((random.randrange(length), random.randrange(length)))
    slow = sum(walked.is_open[first:last]) * MINUTE
    fast = between(hours, walked.start + first * MINUTE, walked.start + last * MINUTE)
    if slow != fast:
        yield f"{number}: between {first} and {last} of {hours}: {fast}, walked {slow}"
    begins = random.randrange(length // 2)
    moments = sorted(random.sample(range(begins, length), random.randint(1, 8)))
    target = random.choice((1, 5, 15, 60, 240, 480, 1440, random.randint(1, 4000)))
    percent = random.choice((20, 50, 75, 80, 100))
    fast_clock = _fast(hours, walked.start, [begins, *moments], target, percent)
    slow_clock = _slow(walked, [begins, *moments], target, percent)
    if fast_clock != slow_clock:
        yield f"{number}: {begins}, {moments}, {target} min of {hours}: {fast_clock}, walked {slow_clock}"


def _fast(hours: Hours, start: datetime, moments: list[int], target: int, percent: int) -> Walked:
    """Let a clock run from the first moment on, stop and go at each further one, and end at the last."""
    at = [start + moment * MINUTE for moment in moments]
    clock = Clock("resolution", target * MINUTE, hours, percent, at[0], at[0])
    for number, moment in enumerate(at[1:], 1):
        if number == len(at) - 1:
            clock.meet(moment)
        elif clock.is_running:
            clock.pause(moment)
        else:
            clock.resume(moment)

    def minute(moment: datetime | None) -> int | None:
        return None if moment is None else -(-(moment - start) // MINUTE)

    # The walk sees whole minutes: what falls within one is seen at its end.
    return Walked(clock.used // MINUTE, minute(clock.warned_at), minute(clock.breached_at))


def _slow(walked: Walk, moments: list[int], target: int, percent: int) -> Walked:
    seen, is_running, turns = Walked(), True, set(moments[1:-1])
    for minute in range(moments[0], moments[-1]):
        if minute in turns:
            is_running = not is_running
        if is_running and walked.is_open[minute]:
            seen.used += 1
            if percent < 100 and seen.warned_at is None and 100 * seen.used >= percent * target:
                seen.warned_at = minute + 1
            if seen.breached_at is None and seen.used >= target:
                seen.breached_at = minute + 1
    return seen


def main(wanted: int) -> int:
    """Compare so many histories of clocks and as many of cases; 0 when nothing differs."""
    from tests.unit.tickets.sla import case_histories

    seen: Counter[str] = Counter()
    of_clocks = list(differences(Random(20_260), wanted))  # noqa: S311 -- histories, not secrets
    of_cases = list(case_histories.differences(Random(20_261), wanted, seen=seen))  # noqa: S311 -- as above
    print(*of_clocks[:20], f"{wanted:,} histories of clocks, {len(of_clocks)} differences", sep="\n")
    print(*of_cases[:20], f"{wanted:,} histories of cases, {len(of_cases)} differences", sep="\n")
    print("Steps: " + "; ".join(f"{what} {count:,}" for what, count in sorted(seen.items())))
    return int(bool(of_clocks or of_cases))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
