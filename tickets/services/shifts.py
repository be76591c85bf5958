"""Shifts: planning and cancelling them, and the note for whoever comes next."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Absence, Shift, Staff
from accounts.models.shift import LONGEST, NOTE_LENGTH
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from core.storable_text import storable
from security.redaction import redact
from tickets.services import errors


class ShiftTooLong(errors.Refused):
    """A shift is sixteen hours at most."""

    code = "shift_too_long"
    message = _("A shift has 16 hours at most. Plan two.")


class ShiftOverlaps(errors.Refused):
    """One person is at work once at a time."""

    code = "shift_overlaps"
    message = _("This person has a shift at that time already.")


class AwayThen(errors.Refused):
    """Nobody is at work while absent."""

    code = "away_then"
    message = _("This person is absent at that time.")


class NotYourShift(errors.Refused):
    """A note is written by whose shift it was."""

    code = "not_your_shift"
    message = _("The note of a shift is written by whoever has it.")


def plan(*, staff: Staff, day: date, starts: time, ends: time, by: Staff) -> Shift:
    """Plan a shift on a day, by the wall clock where `staff` is; one that ends no later than it starts ends next day.

    Raises Refused, ShiftTooLong, ShiftOverlaps, AwayThen.
    """
    if not (by.has(Permission.CHAT_LEAD) and staff.has(Permission.TICKET_REPLY)):
        raise errors.Refused
    zone = ZoneInfo(staff.time_zone)
    last = day if ends > starts else day + timedelta(days=1)
    starts_at, ends_at = datetime.combine(day, starts, zone), datetime.combine(last, ends, zone)
    # By instants: the hours of a day are not always twenty-four.
    if not timedelta(0) < ends_at.astimezone(ZoneInfo("UTC")) - starts_at.astimezone(ZoneInfo("UTC")) <= LONGEST:
        raise ShiftTooLong
    with transaction.atomic():
        # Two who plan for one person do so one after the other.
        Staff.objects.select_for_update(of=("self",), no_key=True).get(pk=staff.pk)
        if Shift.objects.standing().filter(staff=staff, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            raise ShiftOverlaps
        if Absence.objects.granted().filter(staff=staff, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            raise AwayThen
        shift = Shift.objects.create(staff=staff, starts_at=starts_at, ends_at=ends_at, time_zone=staff.time_zone)
        detail: dict[str, audit.Detail] = {"staff": staff.public_id}
        audit.record("shift.planned", actor=by.actor, obj=("shift", shift.public_id), detail=detail)
    return shift


def cancel(*, shift: Shift, by: Staff) -> bool:
    """Cancel a shift; False when it was cancelled before. Raises Refused."""
    if not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    with transaction.atomic():
        if not Shift.objects.standing().filter(pk=shift.pk).update(cancelled_at=DatabaseNow()):
            return False
        audit.record("shift.cancelled", actor=by.actor, obj=("shift", shift.public_id), fields=["cancelled_at"])
    return True


def note(*, shift: Shift, text: str, by: Staff) -> None:
    """Write what the next ones should know; secrets in it are masked. Raises NotYourShift."""
    if shift.staff_id != by.pk or shift.cancelled_at is not None:
        raise NotYourShift
    kept = redact(storable(text).strip()[:NOTE_LENGTH]).text[:NOTE_LENGTH]
    with transaction.atomic():
        Shift.objects.filter(pk=shift.pk).update(note=kept, noted_at=DatabaseNow())
        audit.record("shift.noted", actor=by.actor, obj=("shift", shift.public_id), fields=["note"])
