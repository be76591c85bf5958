"""Time spent on cases: writing it down, and taking one's own back within a day."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from core import audit
from core.clock import DatabaseNow, from_now
from core.storable_text import storable
from security.redaction import redact
from tickets import effects
from tickets.models import Ticket, TimeEntry
from tickets.models.time_entry import LONGEST_NOTE, MOST_MINUTES, TAKEN_BACK_WITHIN
from tickets.selectors.time_entries import today
from tickets.services import errors, timeline


class BadMinutes(errors.Refused):
    """Not as many minutes as a day has, or none."""

    code = "bad_minutes"
    message = gettext_lazy("Write whole minutes, from 1 to 1,440.")


class BadDay(errors.Refused):
    """A day that has not come."""

    code = "bad_day"
    message = gettext_lazy("Choose today or a day before.")


class NotToBeTakenBack(errors.Refused):
    """Somebody else's, older than a day, or taken back already."""

    code = "not_to_be_taken_back"
    message = gettext_lazy("Only your own time can be taken back, within a day.")


def add(*, ticket: Ticket, by: Staff, minutes: int, day: date, note: str = "") -> TimeEntry:
    """Write down that `by` worked so many minutes on a case on a day of theirs; a closed case takes it, too.

    Raises BadMinutes, BadDay, Refused for a note that is too long. A secret in the note is masked.
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise BadMinutes
    if day > today():
        raise BadDay
    said = redact(" ".join(storable(note).split())).text
    if len(said) > LONGEST_NOTE:
        raise errors.Refused(_("A note has at most 200 characters."))
    with transaction.atomic():
        locked = timeline.lock(ticket)
        row: TimeEntry = TimeEntry.objects.create(
            ticket=locked, staff=by, team_id=locked.team_id, minutes=minutes, day=day, note=said
        )
        _tell(locked, "time_added", row, by)
    return row


def take_back(*, ticket: Ticket, entry_id: str, by: Staff) -> TimeEntry:
    """Take one's own time back; the row stays and counts nowhere. Raises NotToBeTakenBack."""
    with transaction.atomic():
        locked = timeline.lock(ticket)
        mine = TimeEntry.objects.filter(ticket=locked, staff=by, public_id=entry_id, taken_back_at__isnull=True)
        if not mine.filter(created_at__gt=from_now(-TAKEN_BACK_WITHIN)).update(taken_back_at=DatabaseNow()):
            raise NotToBeTakenBack
        row = TimeEntry.objects.get(public_id=entry_id)
        _tell(locked, "time_taken_back", row, by)
    return row


def _tell(ticket: Ticket, event: str, row: TimeEntry, by: Staff) -> None:
    data: dict[str, str | int | None] = {"entry": row.public_id, "minutes": row.minutes, "day": row.day.isoformat()}
    timeline.append_event(ticket, event, data, by=by)
    detail: dict[str, audit.Detail] = {"entry": row.public_id, "minutes": row.minutes}
    audit.record(f"ticket.{event}", actor=by.actor, obj=("ticket", ticket.public_id), fields=["time"], detail=detail)
    effects.ticket_changed(ticket, ("time",))
