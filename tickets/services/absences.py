"""Absences: asking for one, granting or refusing it, entering it for somebody, and coming back."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Absence, Staff
from accounts.models.absence import LONGEST
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from tickets.services import errors

State = Absence.State


class AbsenceTooLong(errors.Refused):
    """An absence is a year at most, and more than nothing."""

    code = "absence_too_long"
    message = _("An absence ends after it begins, within a year.")


class AbsenceOverlaps(errors.Refused):
    """One person is away once at a time."""

    code = "absence_overlaps"
    message = _("This person has an absence at that time already.")


class AbsenceIsOver(errors.Refused):
    """It was decided, withdrawn, or is past."""

    code = "absence_is_over"
    message = _("This absence was decided or withdrawn before, or is over.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """What is asked for: whole days, both included, or from a time on the first and to one on the last."""

    kind: str
    first: date
    last: date
    starts: time | None = None
    ends: time | None = None

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return from when to when, on the wall clock in `zone`."""
        begins = datetime.combine(self.first, self.starts or time(), zone)
        if self.ends is not None:
            return begins, datetime.combine(self.last, self.ends, zone)
        return begins, datetime.combine(self.last + timedelta(days=1), time(), zone)


def request(*, away: Away, by: Staff) -> Absence:
    """Ask for an absence of one's own, on one's own wall clock. Raises Refused, AbsenceTooLong, AbsenceOverlaps."""
    return _create(away, by, State.REQUESTED, by)


def enter(*, staff: Staff, away: Away, by: Staff) -> Absence:
    """Enter an absence, as a lead, for anybody who answers: it holds at once.

    Raises Refused, AbsenceTooLong, AbsenceOverlaps.
    """
    if not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    return _create(away, staff, State.GRANTED, by)


def decide(*, absence: Absence, is_granted: bool, by: Staff) -> None:
    """Grant or refuse, as a lead, what was asked for. Raises Refused, AbsenceIsOver for what was decided."""
    if not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    state = State.GRANTED if is_granted else State.REFUSED
    with transaction.atomic():
        _lock(absence.staff_id)
        rows = Absence.objects.filter(pk=absence.pk, state=State.REQUESTED)
        if not rows.update(state=state, decided_by=by, decided_at=DatabaseNow()):
            raise AbsenceIsOver
        _record(f"absence.{state}", absence, by)


def withdraw(*, absence: Absence, by: Staff) -> None:
    """Take an absence back, as its person or a lead; one that goes on ends now. Raises Refused, AbsenceIsOver."""
    if absence.staff_id != by.pk and not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    with transaction.atomic():
        _lock(absence.staff_id)
        mine = Absence.objects.filter(pk=absence.pk)
        if mine.now().filter(starts_at__lt=DatabaseNow()).update(ends_at=DatabaseNow()):
            _record("absence.ended", absence, by, ["ends_at"])
            return
        ahead = mine.filter(state__in=[State.REQUESTED, State.GRANTED], ends_at__gt=DatabaseNow())
        if not ahead.update(state=State.WITHDRAWN):
            raise AbsenceIsOver
        _record("absence.withdrawn", absence, by)


def _create(away: Away, staff: Staff, state: str, by: Staff) -> Absence:
    if not staff.has(Permission.TICKET_REPLY):
        raise errors.Refused
    starts_at, ends_at = away.span(ZoneInfo(staff.time_zone))
    if not timedelta(0) < ends_at.astimezone(ZoneInfo("UTC")) - starts_at.astimezone(ZoneInfo("UTC")) <= LONGEST:
        raise AbsenceTooLong
    decided = {"decided_by": by, "decided_at": DatabaseNow()} if state == State.GRANTED else {}
    row = Absence(
        staff=staff, kind=away.kind, state=state, starts_at=starts_at, ends_at=ends_at, time_zone=staff.time_zone,
        **decided,
    )  # fmt: skip
    with transaction.atomic():
        # Two who ask or enter for one person do so one after the other; whatever else writes, the constraint refuses.
        _lock(staff.pk)
        standing = Absence.objects.filter(staff=staff, state__in=[State.REQUESTED, State.GRANTED])
        if standing.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            raise AbsenceOverlaps
        row.save(force_insert=True)
        _record(f"absence.{state}", row, by)
    return row


def _lock(person: int) -> None:
    Staff.objects.select_for_update(of=("self",), no_key=True).get(pk=person)


def _record(action: str, absence: Absence, by: Staff, fields: list[str] | None = None) -> None:
    """Record it, without the kind: why somebody is away is not the log's to tell."""
    audit.record(
        action,
        actor=by.actor,
        obj=("absence", absence.public_id),
        fields=fields or ["state"],
        detail={"staff": Staff.objects.values_list("public_id", flat=True).get(pk=absence.staff_id)},
    )
