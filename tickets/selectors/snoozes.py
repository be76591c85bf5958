"""Sleeping cases as the desk shows them, and the times that are offered to put one to sleep until."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from core import clock
from tickets.models import Snooze, Ticket

EVENING, MORNING = time(18), time(9)
HOUR: Final = "hour"
MONDAY = 0
WEEK = 7


@dataclass(frozen=True, slots=True)
class SnoozeShown:
    """Until when a case sleeps, and why."""

    until: datetime
    reason: str
    owner: str


@dataclass(frozen=True, slots=True)
class Preset:
    """One time that is offered."""

    code: str
    label: str


def of_ticket(ticket: Ticket) -> SnoozeShown | None:
    """Return how a case sleeps; one query for one that does, none for others."""
    if not ticket.is_snoozed:
        return None
    row = Snooze.objects.filter(ticket=ticket, ended_at__isnull=True).select_related("owner").first()
    return SnoozeShown(row.until, row.reason, row.owner.name) if row else None


def presets() -> tuple[Preset, ...]:
    """Return the times that are offered, by the reader's wall clock."""
    return (
        Preset(HOUR, _("In an hour")),
        Preset("evening", _("At 18:00")),
        Preset("tomorrow", _("Tomorrow, 09:00")),
        Preset("monday", _("Next Monday, 09:00")),
    )


def moment(code: str, chosen: str = "") -> datetime | None:
    """Return when a preset is, or the chosen wall-clock time, in the reader's time zone; None for what is neither."""
    now = timezone.localtime(clock.now())
    if code == HOUR:
        return now + timedelta(hours=1)
    if code == "evening":
        today = _at(now, 0, EVENING)
        return today if today > now else _at(now, 1, EVENING)
    if code == "tomorrow":
        return _at(now, 1, MORNING)
    if code == "monday":
        return _at(now, (MONDAY - now.weekday()) % WEEK or WEEK, MORNING)
    try:
        given = datetime.fromisoformat(chosen)
    except ValueError:
        return None
    return given if given.tzinfo else timezone.make_aware(given)


def _at(now: datetime, days: int, wall: time) -> datetime:
    return timezone.make_aware(datetime.combine(now.date() + timedelta(days=days), wall))
