"""All-day events of an iCal file (RFC 5545) as dates on which nobody works."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import icalendar
from dateutil import rrule
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TOO_MUCH = gettext_lazy("This file has more than 5,000 events, or they repeat too often.")
MOST_EVENTS = 5_000
# Days that repetitions come to, in all of a file.
MOST_DAYS = 100_000
LONGEST_DAYS = 366
# Dates that have to be looked at for the repetitions of a file: some seconds.
MOST_EFFORT = 1_000_000
# Days between two; what repeats more often than daily is no day off.
REPEATS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 30, "YEARLY": 365}
_UNTIL = re.compile(r"UNTIL=(\d{8})T\d{6}Z?")


def closed_dates(content: bytes, first: date, last: date) -> list[date]:
    """Return the dates from `first` to `last` on which an all-day event of the file lies, in order.

    Events with hours and cancelled ones are passed over. Raises ValidationError (not_ical, unreadable, too_much).
    """
    try:
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
    except (ValueError, LookupError, TypeError) as error:
        raise ValidationError(_("This is no iCal file."), code="not_ical") from error
    events = [event for one in calendars if one.name == "VCALENDAR" for event in one.walk("VEVENT")]
    if not any(one.name == "VCALENDAR" for one in calendars):
        raise ValidationError(_("This is no iCal file."), code="not_ical")
    if len(events) > MOST_EVENTS:
        raise ValidationError(TOO_MUCH, code="too_much")
    try:
        days = list(islice(_days(events, first, last), MOST_DAYS + 1))
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise ValidationError(_("An event of this file cannot be read."), code="unreadable") from error
    if len(days) > MOST_DAYS:
        raise ValidationError(TOO_MUCH, code="too_much")
    return sorted(set(days))


def _days(events: list[Any], first: date, last: date) -> Iterator[date]:
    # One occurrence that was moved stands for itself, in place of the day that its series has.
    moved = {
        (str(event.get("uid")), _day(event.decoded("recurrence-id"))) for event in events if "recurrence-id" in event
    }
    effort = 0
    for event in events:
        start = event.decoded("dtstart") if "dtstart" in event else None
        if isinstance(start, datetime) or start is None or str(event.get("status", "")).upper() == "CANCELLED":
            continue
        effort += _effort(event, start, last)
        if effort > MOST_EFFORT:
            raise ValidationError(TOO_MUCH, code="too_much")
        length = _length(event, start)
        is_single = "recurrence-id" in event
        for begins in [start] if is_single else _begins(event, start, first - timedelta(days=length), last):
            if not is_single and (str(event.get("uid")), begins) in moved:
                continue
            for number in range(length):
                day = begins + timedelta(days=number)
                if first <= day <= last:
                    yield day


def _begins(event: Any, start: date, first: date, last: date) -> Iterator[date]:  # noqa: ANN401 -- icalendar's, untyped
    """Yield when the event begins, each time, between two dates."""
    rules = rrule.rruleset()
    rules.rdate(datetime.combine(start, time()))
    for rule in _rules(event, start, last):
        rules.rrule(rule)
    for more in _dates(event.get("rdate")):
        rules.rdate(datetime.combine(more, time()))
    for less in _dates(event.get("exdate")):
        rules.exdate(datetime.combine(less, time()))
    from_, to = datetime.combine(first, time()), datetime.combine(last, time())
    for found in rules.xafter(from_, inc=True):
        if found > to:
            return
        yield found.date()


def _rules(event: Any, start: date, last: date) -> Iterator[Any]:  # noqa: ANN401 -- icalendar's, untyped
    """Yield how an event repeats, not beyond `last`: a rule that no day fits would be followed to the year 9999."""
    end = datetime.combine(last, time())
    for text in _texts(event.get("rrule")):
        if REPEATS.keys() & set(re.findall(r"FREQ=([A-Z]+)", text)):
            rule = rrule.rrulestr(_UNTIL.sub(r"UNTIL=\1", text), dtstart=datetime.combine(start, time()))
            # Neither `replace` nor the text takes an end beside a count.
            rule._until = min(rule._until or end, end)  # noqa: SLF001 -- where dateutil looks at it
            yield rule


def _effort(event: Any, start: date, last: date) -> int:  # noqa: ANN401 -- icalendar's, untyped
    """Return about how many dates have to be looked at for the event's repetitions."""
    found = [word for text in _texts(event.get("rrule")) for word in re.findall(r"FREQ=([A-Z]+)", text)]
    return sum(max(0, (last - start).days) // REPEATS[word] for word in found if word in REPEATS)


def _length(event: Any, start: date) -> int:  # noqa: ANN401 -- icalendar's, untyped
    """Return how many days an event takes; without an end it is one."""
    if "dtend" in event:
        days = (_day(event.decoded("dtend")) - start).days
    elif "duration" in event:
        days = event.decoded("duration").days
    else:
        days = 1
    return min(max(1, days), LONGEST_DAYS)


def _texts(value: Any) -> list[str]:  # noqa: ANN401 -- one, several or none
    rows = value if isinstance(value, list) else [value] if value else []
    return [row.to_ical().decode() for row in rows]


def _dates(value: Any) -> list[date]:  # noqa: ANN401 -- one list, several or none
    rows = value if isinstance(value, list) else [value] if value else []
    return [_day(one.dt) for row in rows for one in row.dts if not isinstance(one.dt, tuple)]


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
