"""When somebody is there: opening hours in local time, exact across changes of the clock; knows no row or request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from tickets.sla.business_time import Interval

# Whoever is closed for longer says so in words of their own.
SEARCHED_DAYS = 400


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
