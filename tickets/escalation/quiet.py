"""Quiet hours: from one time of the day to another on a wall clock, past midnight where the end is no later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Two spans that take turns cover the day at most; more rounds find nothing new.
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Quiet:
    """One person's or chain's quiet hours."""

    starts: time
    ends: time
    zone: ZoneInfo

    def until(self, at: datetime) -> datetime | None:
        """Return when the quiet hours in which `at` lies are over; None outside of them."""
        today = at.astimezone(self.zone).date()
        # One that began yesterday may still go on.
        for day in (today - timedelta(days=1), today):
            starts, ends = self._span(day)
            if starts <= at < ends:
                return ends
        return None

    def _span(self, day: date) -> tuple[datetime, datetime]:
        last = day if self.ends > self.starts else day + timedelta(days=1)
        spans = (datetime.combine(day, self.starts, self.zone), datetime.combine(last, self.ends, self.zone))
        return spans[0].astimezone(UTC), spans[1].astimezone(UTC)


def held_until(at: datetime, spans: Sequence[Quiet]) -> datetime:
    """Return the first moment from `at` on that lies in none of the quiet hours; `at` where they leave none."""
    moment = at
    for _round in range(ROUNDS):
        ends = [end for span in spans if (end := span.until(moment)) is not None]
        if not ends:
            return moment
        moment = max(ends)
    return at
