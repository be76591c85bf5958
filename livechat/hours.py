"""When somebody is there: opening hours in local time, exact across changes of the clock; knows no row and no request.

The calendars of service levels will stand behind the same protocol.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Whoever is closed for longer says so in words of their own.
SEARCHED_DAYS = 400
_INTERVAL = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")

Interval = tuple[time, time | None]


class Calendar(Protocol):
    """What tells whether somebody is there."""

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment (aware)."""

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment from `at` on when somebody is there (UTC); None when none is known."""

    def next_closing(self, at: datetime) -> datetime | None:
        """The first moment from `at` on when nobody is there any more (UTC); None when that never comes."""


@dataclass(frozen=True, slots=True)
class AroundTheClock:
    """Somebody is always there."""

    def is_open(self, at: datetime) -> bool:
        """Always."""
        return at is not None

    def next_opening(self, at: datetime) -> datetime | None:
        """Now."""
        return at

    def next_closing(self, _at: datetime) -> datetime | None:
        """Never."""
        return None


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Intervals of each weekday (0 is Monday), and of dates that are unlike their weekday: none means closed.

    Times are those on the wall. One that the clock jumps over is the moment after the jump; of one that comes twice an
    interval takes the first as its beginning and the second as its end.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Interval, ...]]
    dates: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)

    def is_open(self, at: datetime) -> bool:
        """Whether `at` is within an interval; its end is not."""
        return any(start <= at < end for start, end in self._from(at, days=2))

    def next_opening(self, at: datetime) -> datetime | None:
        """`at` itself when it is within one, else the next beginning."""
        for start, end in self._from(at, days=SEARCHED_DAYS):
            if at < end:
                return max(start, at.astimezone(UTC))
        return None

    def next_closing(self, at: datetime) -> datetime | None:
        """The end of the interval that `at` or its next opening is in, where no other one begins at once."""
        found: datetime | None = None
        for start, end in self._from(at, days=SEARCHED_DAYS):
            if found is not None and start > found:
                return found
            if end > at:
                found = end
        # Open for as long as one looks: that never comes.
        return None if found is not None and found - at > timedelta(days=SEARCHED_DAYS - 2) else found

    def _from(self, at: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Yield intervals in UTC from the day before `at` on, in order."""
        first = at.astimezone(self.zone).date() - timedelta(days=1)
        for number in range(days + 1):
            day = first + timedelta(days=number)
            for opens, closes in self.dates.get(day, self.weekly.get(day.weekday(), ())):
                start = self._moment(day, opens, fold=0)
                end = (
                    self._moment(day, closes, fold=1)
                    if closes
                    else self._moment(day + timedelta(days=1), time(), fold=0)
                )
                if start < end:
                    yield start, end

    def _moment(self, day: date, wall: time, *, fold: int) -> datetime:
        moment = datetime.combine(day, wall, self.zone).replace(fold=fold)
        there_and_back = moment.astimezone(UTC).astimezone(self.zone)
        # The clock jumps over it: reckoned with the offset before the jump, it is as much after it.
        is_skipped = there_and_back.replace(tzinfo=None, fold=0) != moment.replace(tzinfo=None, fold=0)
        return (moment.replace(fold=0) if is_skipped else moment).astimezone(UTC)


def read_weekly(text: str) -> dict[int, tuple[Interval, ...]]:
    """Read lines such as `mon 09:00-12:30 13:30-18:00`; `mon-fri` stands for five. Raises ValidationError."""
    found: dict[int, tuple[Interval, ...]] = {}
    for line in _lines(text):
        name, *rest = line.lower().split()
        first, _dash, last = name.partition("-")
        last = last or first
        if first not in DAYS or last not in DAYS or DAYS.index(first) > DAYS.index(last):
            raise ValidationError(_("“%(line)s” begins with no day: mon, tue, … or mon-fri."), params={"line": line})
        for day in range(DAYS.index(first), DAYS.index(last) + 1):
            if day in found:
                raise ValidationError(_("“%(line)s” names a day for the second time."), params={"line": line})
            found[day] = _intervals(rest, line)
    return found


def read_dates(text: str) -> dict[date, tuple[Interval, ...]]:
    """Read lines such as `2026-12-25` (closed) or `2026-12-24 09:00-12:00`. Raises ValidationError."""
    found: dict[date, tuple[Interval, ...]] = {}
    for line in _lines(text):
        name, *rest = line.split()
        try:
            day = date.fromisoformat(name)
        except ValueError as error:
            wrong = _("“%(line)s” begins with no date such as 2026-12-25.")
            raise ValidationError(wrong, params={"line": line}) from error
        found[day] = _intervals(rest, line)
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace(",", " ").splitlines() if line.strip()]


def _intervals(words: list[str], line: str) -> tuple[Interval, ...]:
    found: list[Interval] = []
    for word in words:
        match = _INTERVAL.fullmatch(word)
        hours = match and (time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])) if match[3] else None)
        before = found[-1][1] if found else time()
        if not hours or (hours[1] is not None and hours[1] <= hours[0]) or before is None or hours[0] < before:
            wrong = _("“%(line)s”: write times in order, such as 09:00-12:30 13:30-24:00.")
            raise ValidationError(wrong, params={"line": line})
        found.append(hours)
    return tuple(found)
