"""Time spent on a case, as it is shown: each entry, and the sum of what counts."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.models import Staff
from core.clock import DatabaseNow
from tickets.models import Ticket, TimeEntry
from tickets.models.time_entry import TAKEN_BACK_WITHIN

MOST = 200


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One entry; `is_own` says that whoever looks may still take it back."""

    public_id: str
    name: str
    staff_id: str
    minutes: int
    day: date
    note: str
    created_at: datetime
    is_taken_back: bool
    is_own: bool


def today() -> date:
    """Return the day that it is for whoever asks."""
    return timezone.localdate()


def of_ticket(ticket: Ticket, person: Staff) -> list[EntryShown]:
    """Return the entries of a case, newest first; one query."""
    rows = TimeEntry.objects.filter(ticket=ticket).select_related("staff").annotate(now=DatabaseNow())
    return [_shown(row, person) for row in rows.order_by("-created_at", "-pk")[:MOST]]


def total(entries: list[EntryShown]) -> int:
    """Return the minutes that count."""
    return sum(one.minutes for one in entries if not one.is_taken_back)


def _shown(row: TimeEntry, person: Staff) -> EntryShown:
    now: datetime = getattr(row, "now")  # noqa: B009 -- an annotation, which the model does not have
    is_fresh = row.created_at > now - TAKEN_BACK_WITHIN
    return EntryShown(
        public_id=row.public_id,
        name=row.staff.name,
        staff_id=row.staff.public_id,
        minutes=row.minutes,
        day=row.day,
        note=row.note,
        created_at=row.created_at,
        is_taken_back=row.taken_back_at is not None,
        is_own=row.taken_back_at is None and row.staff_id == person.pk and is_fresh,
    )
