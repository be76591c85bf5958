"""Hours as people write them: a week and single dates, a line for each."""

import re
from datetime import date, time

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tickets.sla.business_time import Interval

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_INTERVAL = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


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
