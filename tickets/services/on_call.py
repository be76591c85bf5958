"""Being on call: standing in, swapping with the other's word, and one's own quiet hours."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow, now
from core.ids import new_public_id
from tickets.models import OnCallOverride, OnCallSchedule
from tickets.models.oncall import LONGEST, OnCallOverrideQuerySet
from tickets.services import errors

State = OnCallOverride.State
Span = tuple[datetime, datetime]


class SpanNotPossible(errors.Refused):
    """A span ends after it begins, and in the future."""

    code = "span_not_possible"
    message = _("It ends after it begins, within 31 days, and not in the past.")


class NotOnSchedule(errors.Refused):
    """A swap is between two of the rotation."""

    code = "not_on_schedule"
    message = _("A swap is between two people of this schedule.")


class NotAskedOfYou(errors.Refused):
    """Only who was asked can answer."""

    code = "not_asked_of_you"
    message = _("Only who was asked can agree or decline, as long as it is not over.")


def stand_in(*, schedule: OnCallSchedule, staff: Staff, span: Span, by: Staff) -> OnCallOverride:
    """Have somebody take over for a time: at once when a lead says so or one takes it oneself, else once they agree.

    Whoever asks another has to be of the rotation, and so has who takes it on their own account. Raises Refused,
    SpanNotPossible.
    """
    _check(span)
    is_lead = by.has(Permission.CHAT_LEAD)
    if not staff.has(Permission.TICKET_VIEW) or not (is_lead or _is_of(schedule, by)):
        raise errors.Refused
    is_agreed = is_lead or staff.pk == by.pk
    with transaction.atomic():
        row = _written(schedule, staff, span, by, asks=None if is_agreed else staff)
        _record("on_call.stand_in", row, by)
    return row


def swap(*, schedule: OnCallSchedule, other: Staff, mine: Span, theirs: Span, by: Staff) -> OnCallOverride:
    """Ask another of the rotation to take `mine` while one takes `theirs`; both hold once they agree.

    Raises NotOnSchedule, SpanNotPossible.
    """
    _check(mine)
    _check(theirs)
    if other.pk == by.pk or not (_is_of(schedule, by) and _is_of(schedule, other)):
        raise NotOnSchedule
    pair = new_public_id()
    with transaction.atomic():
        row = _written(schedule, other, mine, by, asks=other, pair=pair)
        _written(schedule, by, theirs, by, asks=other, pair=pair)
        _record("on_call.swap_asked", row, by)
    return row


def answer(*, override: OnCallOverride, agrees: bool, by: Staff) -> None:
    """Agree to stand in or swap, or decline; both halves of a swap at once. Raises NotAskedOfYou."""
    with transaction.atomic():
        rows = _of_pair(override).filter(state=State.ASKED, asks=by, ends_at__gt=DatabaseNow())
        state = State.STANDING if agrees else State.DECLINED
        if not rows.update(state=state, settled_at=DatabaseNow()):
            raise NotAskedOfYou
        _record("on_call.agreed" if agrees else "on_call.declined", override, by)


def cancel(*, override: OnCallOverride, by: Staff) -> bool:
    """Take it back, both halves of a swap at once: who asked, and leads. False when it was over. Raises Refused."""
    if override.asked_by_id != by.pk and not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    with transaction.atomic():
        rows = _of_pair(override).filter(state__in=[State.ASKED, State.STANDING])
        if not rows.update(state=State.CANCELLED, settled_at=DatabaseNow()):
            return False
        _record("on_call.cancelled", override, by)
    return True


def set_quiet_hours(*, person: Staff, starts: time | None, ends: time | None) -> None:
    """Set one's own quiet hours, by the wall clock of one's zone; both or none. Raises Refused."""
    if (starts is None) != (ends is None):
        raise errors.Refused
    with transaction.atomic():
        Staff.objects.filter(pk=person.pk).update(quiet_from=starts, quiet_until=ends)
        audit.record(
            "staff.quiet_hours_set", actor=person.actor, obj=("staff", person.public_id),
            fields=["quiet_from", "quiet_until"],
        )  # fmt: skip


def _check(span: Span) -> None:
    starts, ends = span
    if not timedelta() < ends - starts <= LONGEST or ends <= now():
        raise SpanNotPossible


def _is_of(schedule: OnCallSchedule, person: Staff) -> bool:
    return schedule.participants.filter(staff=person).exists()


def _of_pair(override: OnCallOverride) -> OnCallOverrideQuerySet:
    found = OnCallOverride.objects.filter(schedule=override.schedule_id)
    return found.filter(pair=override.pair) if override.pair else found.filter(pk=override.pk)


def _written(
    schedule: OnCallSchedule, staff: Staff, span: Span, by: Staff, *, asks: Staff | None, pair: str = ""
) -> OnCallOverride:
    return OnCallOverride.objects.create(
        schedule=schedule,
        staff=staff,
        starts_at=span[0],
        ends_at=span[1],
        asked_by=by,
        asks=asks,
        pair=pair,
        state=State.ASKED if asks else State.STANDING,
        settled_at=None if asks else now(),
    )


def _record(action: str, row: OnCallOverride, by: Staff) -> None:
    detail: dict[str, audit.Detail] = {"stand_in": row.public_id}
    audit.record(action, actor=by.actor, obj=("oncallschedule", row.schedule.public_id), detail=detail)
