"""The names of time zones that are known here."""

from functools import cache
from zoneinfo import available_timezones


@cache
def names() -> frozenset[str]:
    """Return them all (IANA); read once, since it takes a walk through a thousand files."""
    return frozenset(available_timezones())
