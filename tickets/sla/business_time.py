"""Business time: how much of it lies between two moments, and when so much of it will have passed.

A moment is business time when the clock on the wall in the calendar's zone shows a time within the hours of the date
that it shows. So an hour that the wall clock skips does not count, and one that it shows twice counts twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tickets.sla.holidays import HolidayList

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NONE = timedelta()
# A deadline that lies further ahead is none: nobody waits for it.
SEARCHED_DAYS = 3_660
# Days of calendars, and changes of zones' offsets, that a process keeps.
DAYS_KEPT = 20_000

# From and until when on the wall; None is the end of the day.
Interval = tuple[time, time | None]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """A calendar's hours: intervals of each weekday (0 is Monday), of dates unlike their weekday, and holidays.

    A date's own hours count before a holiday, which is closed. None of it changes: a changed calendar is another one.
    Compared by identity, so that looking up a day that was reckoned before costs nothing.
    """

    zone: ZoneInfo
    week: tuple[tuple[Interval, ...], ...]
    dates: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    holidays: HolidayList | None = None
    is_always: bool = False

    def of_date(self, day: date) -> tuple[Interval, ...]:
        """Return the intervals of a date, in order."""
        if day in self.dates:
            return self.dates[day]
        if self.holidays is not None and self.holidays.has(day):
            return ()
        return self.week[day.weekday()]


ALWAYS = Hours(ZoneInfo("UTC"), ((),) * 7, is_always=True)


def between(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """Return how much business time lies from `start` to `end` (aware); nothing when the end comes first."""
    if end <= start:
        return NONE
    if hours.is_always:
        return end - start
    total = NONE
    for opens, closes in _spans(hours, start):
        if opens >= end:
            break
        total += min(closes, end) - max(opens, start)
    return total


def after(hours: Hours, start: datetime, much: timedelta) -> datetime | None:
    """Return the first moment (UTC) by which `much` business time will have passed since `start`.

    Nothing at all has passed at once. None when that is not within ten years.
    """
    if much <= NONE:
        return start.astimezone(UTC)
    if hours.is_always:
        return start.astimezone(UTC) + much
    for opens, closes in _spans(hours, start):
        begins = max(opens, start.astimezone(UTC))
        if closes - begins >= much:
            return begins + much
        much -= closes - begins
    return None


def _spans(hours: Hours, start: datetime) -> Iterator[Span]:
    """Yield the spans of business time that end after `start`, in order."""
    day = start.astimezone(UTC).date()
    for _number in range(SEARCHED_DAYS):
        for span in _spans_of(hours, day):
            if span[1] > start:
                yield span
        if day >= date.max - DAY:
            return
        day += DAY


@lru_cache(maxsize=DAYS_KEPT)
def _spans_of(hours: Hours, day: date) -> tuple[Span, ...]:
    """Return the business time within one day of UTC."""
    found: list[Span] = []
    for begins, ends, offset in _offsets(hours.zone, day):
        # Within this stretch the wall clock runs evenly, from `shows` on.
        shows, last = begins + offset, ends + offset
        shown = shows.date()
        while datetime.combine(shown, time(), UTC) < last:
            for opens, closes in hours.of_date(shown):
                left = max(datetime.combine(shown, opens, UTC), shows)
                right = min(datetime.combine(shown, closes, UTC) if closes else _midnight_after(shown), last)
                if left < right:
                    found.append((left - offset, right - offset))
            shown += DAY
    return tuple(found)


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + DAY


@lru_cache(maxsize=DAYS_KEPT)
def _offsets(zone: ZoneInfo, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Return the stretches of one day of UTC in which the zone's offset stays the same.

    Looked at every hour: no zone has ever changed its offset twice within one.
    """
    first = datetime.combine(day, time(), UTC)
    found: list[tuple[datetime, datetime, timedelta]] = []
    begins, offset = first, _offset(zone, first)
    for number in range(1, 25):
        at = first + number * HOUR
        now = _offset(zone, at)
        if now != offset:
            change = _change(zone, at - HOUR, at)
            found.append((begins, change, offset))
            begins, offset = change, now
    found.append((begins, first + DAY, offset))
    return tuple(one for one in found if one[0] < one[1])


def _change(zone: ZoneInfo, before: datetime, after_: datetime) -> datetime:
    """Return the first second at which the offset is the later one."""
    old, second = _offset(zone, before), timedelta(seconds=1)
    while after_ - before > second:
        middle = before + (after_ - before) // (2 * second) * second
        before, after_ = (middle, after_) if _offset(zone, middle) == old else (before, middle)
    return after_


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or NONE
