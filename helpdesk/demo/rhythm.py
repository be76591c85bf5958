"""When things happen: customers of many time zones, busier hours, a growing desk, and how long people wait."""

from datetime import datetime, timedelta
from math import exp
from random import Random

DAYS = 60
# Share of new cases by hour, UTC: Asia's morning, Europe's day, America's evening.
_HOURS = (34, 38, 42, 40, 36, 34, 40, 52, 66, 74, 78, 76, 72, 80, 88, 92, 90, 84, 76, 68, 62, 56, 48, 40)
_WEEKDAYS = (1.15, 1.1, 1.0, 1.0, 1.05, 0.8, 0.75)
# Minutes before now at which the newest cases came in: the desk is never quiet.
_JUST_NOW = (2, 6, 9, 15, 21, 28, 34, 47, 58, 71, 86, 104, 125, 149, 171, 203, 240, 281, 330, 395)


def arrivals(random: Random, now: datetime, count: int) -> list[datetime]:
    """Return `count` moments of the last 60 days, oldest first, the newest ones minutes ago."""
    recent = [now - timedelta(minutes=minutes, seconds=random.randint(0, 50)) for minutes in _JUST_NOW[:count]]
    days = range(1, DAYS)
    weights = [_WEEKDAYS[(now - timedelta(days=day)).weekday()] * (0.4 + 3.6 / (1 + day / 4)) for day in days]
    found: list[datetime] = []
    while len(found) < count - len(recent):
        midnight = (now - timedelta(days=random.choices(days, weights)[0])).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        hour = random.choices(range(24), _HOURS)[0]
        moment = midnight + timedelta(hours=hour, minutes=random.randint(0, 59), seconds=random.randint(0, 59))
        if moment < now - timedelta(hours=7):
            found.append(moment)
    return sorted(found + recent)


def _spread(random: Random, median_minutes: float, factor: float = 0.8) -> timedelta:
    """Return a wait around a median, with the long tail that waits have."""
    return timedelta(minutes=median_minutes * exp(random.gauss(0, factor)), seconds=random.randint(0, 59))


def first_response(random: Random, priority: str) -> timedelta:
    """Return how long a new case waits for a person."""
    return _spread(random, {"urgent": 6, "high": 24, "normal": 65, "low": 300}[priority], 0.7)


def staff_wait(random: Random, *, is_note: bool) -> timedelta:
    """Return how long staff take for the next step."""
    return _spread(random, 9 if is_note else 95)


def customer_wait(random: Random) -> timedelta:
    """Return how long a customer takes to answer."""
    return _spread(random, 110, 1.1)


def hold_wait(random: Random) -> timedelta:
    """Return how long somebody else takes while a case is on hold."""
    return timedelta(hours=random.randint(20, 90), minutes=random.randint(0, 59))
