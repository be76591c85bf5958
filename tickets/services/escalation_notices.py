"""What escalation owes people and places outside: one row for each, held in quiet hours, gathered in a storm."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Greatest
from django.db.utils import InterfaceError, OperationalError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit, doorbell, notices
from core.clock import DatabaseNow, from_now
from tickets import effects
from tickets.models import EscalationChain, EscalationHook, EscalationNotice, EscalationRun, EscalationStorm
from tickets.selectors import escalation_wording as wording
from tickets.selectors.escalation_targets import Told, may_hear, with_device
from tickets.services import push_messages

NOTICE = "escalation"
DELIVERY_TASK = "tickets.deliver_hook"
# Runs that begin within so long of each other are counted together.
WITHIN = timedelta(minutes=1)
# A storm takes in what begins within so long of its first.
STORM_LASTS = timedelta(minutes=2)
# A summary is told when so much of a storm has come together.
GATHERS = timedelta(seconds=15)
# One that fails is tried again then.
LATER = timedelta(minutes=10)
BATCH = 100
PUSH = EscalationNotice.Kind.PUSH

log = structlog.get_logger(__name__)
State = EscalationNotice.State


def storm_of(run: EscalationRun) -> EscalationStorm | None:
    """Return the storm that a run belongs to, and note it there; None where it is told of alone."""
    if run.storm is not None:
        return run.storm
    around = EscalationRun.objects.filter(
        chain=run.chain_id, started_at__gte=run.started_at - WITHIN, started_at__lte=run.started_at + WITHIN
    )
    limit = run.chain.storm_limit
    if around.values("pk")[: limit + 1].count() <= limit:
        return None
    # One after the other for each chain, so that a storm is one.
    EscalationChain.objects.select_for_update(no_key=True).get(pk=run.chain_id)
    lately = EscalationStorm.objects.filter(chain=run.chain_id, began_at__gt=from_now(-STORM_LASTS))
    storm = lately.order_by("-began_at").first()
    if storm is None:
        storm = EscalationStorm.objects.create(chain=run.chain)
    EscalationRun.objects.filter(pk=run.pk).update(storm=storm)
    run.storm = storm
    return storm


def owe(*, run: EscalationRun, storm: EscalationStorm | None, told: Sequence[Told], kinds: Sequence[str]) -> None:
    """Owe each of these people a notice of the run's next step, or of the whole storm; whoever is owed it has it.

    What is pushed is owed to those who have a device.
    """
    reached = with_device(one.person for one in told) if PUSH in kinds else set()
    rows = [
        EscalationNotice(
            kind=kind, staff=one.person, position=run.next_step, next_attempt_at=_from(storm, one.at), **_of(run, storm)
        )
        for one in told
        for kind in kinds
        if kind != PUSH or one.person.pk in reached
    ]
    EscalationNotice.objects.bulk_create(rows, ignore_conflicts=True)


def owe_to_hook(*, run: EscalationRun, storm: EscalationStorm | None, hook: EscalationHook, at: datetime) -> None:
    """Owe a place outside the same."""
    row = EscalationNotice(
        kind="hook", hook=hook, position=run.next_step, next_attempt_at=_from(storm, at), **_of(run, storm)
    )
    EscalationNotice.objects.bulk_create([row], ignore_conflicts=True)


def give() -> int:
    """Give pages, mails and pushes that are due, and ring for those outside; returns how many notices were given."""
    given = 0
    while True:
        with transaction.atomic():
            rows = EscalationNotice.objects.due().order_by("next_attempt_at")
            found = list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:BATCH])
            given += sum(_attempt(row) for row in found)
            if given:
                effects.escalations_changed()
        if len(found) < BATCH:
            break
    for pk in _hooks_due():
        if not doorbell.ring_now(DELIVERY_TASK, pk, expires_s=10):
            break
    push_messages.ring_for_due()
    return given


def _hooks_due() -> list[int]:
    rows = EscalationNotice.objects.filter(kind="hook", state="queued", next_attempt_at__lte=DatabaseNow())
    free = rows.exclude(lease_until__gt=DatabaseNow())
    return list(free.order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH])


def _attempt(row: EscalationNotice) -> bool:
    """Give one; one that cannot be given keeps no other from its turn."""
    try:
        with transaction.atomic():
            return _give(row)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        log.exception("escalation_notice_not_given", notice=row.pk)
        EscalationNotice.objects.filter(pk=row.pk).update(
            next_attempt_at=from_now(LATER), last_error=type(error).__name__
        )
        return False


def _give(row: EscalationNotice) -> bool:
    """Give one, unless nobody needs it any more; its ticket is not held, and may end meanwhile."""
    is_needed = row.is_needed() and may_hear(row)
    if is_needed and row.kind == EscalationNotice.Kind.MAIL and row.staff is not None:
        with translation.override(row.staff.locale):
            subject, body = _words(row)
            notices.send(kind=NOTICE, to=row.staff.email, subject=subject, body=body, language=row.staff.locale)
    if is_needed and row.kind == PUSH:
        is_needed = push_messages.owe_notice(row) > 0
    state = State.SENT if is_needed else State.DROPPED
    EscalationNotice.objects.filter(pk=row.pk).update(state=state, settled_at=DatabaseNow())
    obj = (
        ("ticket", row.run.ticket.public_id)
        if row.run
        else ("escalation_storm", row.storm.public_id if row.storm else "")
    )
    detail: dict[str, audit.Detail] = {"notice": row.public_id, "kind": row.kind, "outcome": str(state)}
    audit.record("ticket.escalation_told", actor=audit.SYSTEM, obj=obj, detail=detail)
    return is_needed


def _words(row: EscalationNotice) -> tuple[str, str]:
    """Return subject and text of a mail, in the language of now: numbers and names of ours, no word of the customer."""
    subject = wording.subject(row, row.staff)
    if row.run is None:
        body = _("More tickets than usual need somebody at the same time. They are all here:")
        return subject, f"{body}\n{settings.SITE_URL}{reverse('desk:escalations')}"
    ticket = row.run.ticket
    lines = [
        wording.cause(row.run.cause, row.run.clock.metric if row.run.clock else ""),
        _("Ticket: %(address)s") % {"address": settings.SITE_URL + reverse("desk:ticket", args=[ticket.public_id])},
        _("Acknowledge: %(address)s") % {"address": settings.SITE_URL + reverse("desk:escalations")},
        _("Unless somebody acknowledges, the next are told."),
    ]
    return subject, "\n".join(lines)


def _of(run: EscalationRun, storm: EscalationStorm | None) -> dict[str, EscalationRun | EscalationStorm]:
    return {"storm": storm} if storm else {"run": run}


def _from(storm: EscalationStorm | None, at: datetime) -> datetime | Greatest:
    """Return when it is due: now if the database's clock is past `at`, and not before a storm has come together."""
    return Greatest(at, from_now(GATHERS)) if storm else at
