"""What somebody asks a report: a period in their time zone, as of when, of which cases; and which of its figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

PERIODS = ("today", "7d", "30d", "own")
MOST_DAYS = 92
FIRST_DAY = date(2015, 1, 1)
# What is being written down right now belongs to no report yet: the same report shows it neither now nor later.
SETTLES_IN = timedelta(seconds=30)
# Of which cases; the same names narrow a report and lead to the cases behind one figure.
FILTERS = ("team", "channel", "policy", "priority")
CELLS = ("figure", "metric", "weekday", "hour", "day", "bucket", "topic", "tag")
ASKS = ("period", "from", "to", "as_of", *FILTERS)
NONE = "none"


class Unanswerable(Exception):
    """What was asked is no question that a report answers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. The period is from `start` until `end`, the end not included; nothing after `as_of` counts."""

    period: str
    start: datetime
    end: datetime
    as_of: datetime
    zone: ZoneInfo
    only: Mapping[str, str] = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        """Return the last moment that the report tells of."""
        return min(self.end, self.as_of)

    @property
    def is_one_day(self) -> bool:
        """Whether it is drawn by the hour."""
        return self.end - self.start <= timedelta(hours=25)

    @property
    def first_day(self) -> date:
        """Return the first day."""
        return self.start.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """Return the last day, which is included."""
        return (self.end - timedelta(microseconds=1)).astimezone(self.zone).date()

    def query(self, **more: object) -> str:
        """Return it as a query string, narrowed by `more`; the same question whenever it is asked."""
        return urlencode(self.parameters(**more))

    def parameters(self, **more: object) -> dict[str, str]:
        """Return it as parameters: the days themselves, so that "today" stays the day that was meant."""
        fixed = {"period": "own", "from": self.first_day.isoformat(), "to": self.last_day.isoformat()}
        told = {**fixed, "as_of": written(self.as_of), **self.only, **more}
        return {name: str(value) for name, value in told.items() if value not in {None, ""}}

    def narrowed(self, only: Mapping[str, str]) -> "Asked":
        """Return the same question of fewer cases."""
        return replace(self, only={**self.only, **only})


def settled(now: datetime) -> datetime:
    """Return the latest moment of which everything is known: a whole minute."""
    return (now - SETTLES_IN).replace(second=0, microsecond=0)


def written(moment: datetime) -> str:
    """Return a moment as a parameter."""
    return moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%MZ")


def read(given: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> Asked:
    """Return what the parameters ask, 7 days unless told; raises Unanswerable."""
    as_of = _as_of(given.get("as_of", ""), now)
    period = given.get("period") or "7d"
    today = as_of.astimezone(zone).date()
    days = {"today": 1, "7d": 7, "30d": 30}
    if period in days:
        first, last = today - timedelta(days=days[period] - 1), today
    elif period == "own":
        first, last = _day(given.get("from", ""), today), _day(given.get("to", ""), today)
    else:
        raise Unanswerable
    if not FIRST_DAY <= first <= last or (last - first).days >= MOST_DAYS or first > today:
        raise Unanswerable
    only = {name: given[name] for name in (*FILTERS, *CELLS) if given.get(name)}
    return Asked(period, _begins(first, zone), _begins(last + timedelta(days=1), zone), as_of, zone, only)


def _as_of(given: str, now: datetime) -> datetime:
    latest = settled(now)
    if not given:
        return latest
    try:
        asked = datetime.strptime(given, "%Y-%m-%dT%H:%MZ").replace(tzinfo=ZoneInfo("UTC"))
    except ValueError as error:
        raise Unanswerable from error
    if asked > latest or asked.date() < FIRST_DAY:
        raise Unanswerable
    return asked


def _day(given: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(given) if given else otherwise
    except ValueError as error:
        raise Unanswerable from error


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
