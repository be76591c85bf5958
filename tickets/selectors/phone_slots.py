"""When callers can be called back: half hours within the line's hours that are not full."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count

from core.clock import now
from tickets.models import PhoneCall, PhoneCallback, PhoneLine
from tickets.models.phone_calls import CallState
from tickets.sla.business_time import ALWAYS, Hours, between

LONG: Final = timedelta(minutes=30)
SOON: Final = timedelta(minutes=10)
OFFERED: Final = 3
AHEAD: Final = timedelta(days=4)
MOST_IN_A_SLOT: Final = 5


@dataclass(frozen=True, slots=True)
class Slot:
    """A half hour, on the clock of the line."""

    starts_at: datetime
    ends_at: datetime
    zone: str

    @property
    def stamp(self) -> int:
        """Return what names it in an address."""
        return int(self.starts_at.timestamp())


def may_be_called_back(call: PhoneCall) -> bool:
    """Whether the caller can be offered a call-back: their number is known, and they wait or found us closed."""
    is_theirs = call.direction == PhoneCall.Direction.IN and call.state in {CallState.MENU, CallState.QUEUED}
    return is_theirs and bool(call.number) and call.line.offers_callbacks


def free(line: PhoneLine) -> list[Slot]:
    """Return the next slots in which somebody can be called."""
    hours = line.calendar.hours() if line.calendar is not None else ALWAYS
    zone = hours.zone if not hours.is_always else ZoneInfo(settings.TIME_ZONE)
    at = now()
    full = _full(line, at)
    found: list[Slot] = []
    starts = _rounded_up(at + SOON)
    while starts < at + AHEAD and len(found) < OFFERED:
        if starts not in full and _is_open(hours, starts):
            found.append(Slot(starts.astimezone(zone), (starts + LONG).astimezone(zone), zone.key))
        starts += LONG
    return found


def _is_open(hours: Hours, starts: datetime) -> bool:
    return between(hours, starts, starts + LONG) == LONG


def _full(line: PhoneLine, at: datetime) -> set[datetime]:
    rows = PhoneCallback.objects.filter(line=line, state__in=["waiting", "calling"], starts_at__gt=at)
    counted = rows.values("starts_at").annotate(many=Count("pk")).filter(many__gte=MOST_IN_A_SLOT)
    return {one["starts_at"] for one in counted}


def _rounded_up(at: datetime) -> datetime:
    length = int(LONG.total_seconds())
    return datetime.fromtimestamp(-(-int(at.timestamp()) // length) * length, UTC)
