"""Runs of escalation: they begin with a warning, a breach or a customer, and end when somebody takes care of it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Staff
from core import audit
from core.clock import DatabaseNow, now
from core.storable_text import storable
from security.redaction import redact
from tickets import effects
from tickets.escalation import steps as plain
from tickets.escalation.steps import Marks, Step
from tickets.escalation.vocabulary import WAITING, Cause, State
from tickets.models import EscalationChain, EscalationRequest, EscalationRun, SlaClock, Ticket
from tickets.models.ticket import DONE
from tickets.selectors import escalation_chains, escalations
from tickets.selectors.escalation_chains import About
from tickets.services import errors, timeline

REASON_LENGTH = 500


class NotEscalated(errors.Refused):
    """A customer may escalate what goes on, once in a day."""

    code = "not_escalated"
    message = _("This request was escalated within a day, or is solved. You can add a message at any time.")


class ReasonNeeded(errors.Refused):
    """A reason is part of it."""

    code = "reason_needed"
    message = _("Say in a few words why it cannot wait.")


class NotYoursToAcknowledge(errors.Refused):
    """Those who were told, and leads."""

    code = "not_yours_to_acknowledge"
    message = _("An escalation is acknowledged by those who were told of it, and by leads.")


def heard(ticket: Ticket, clock: SlaClock, what: str) -> None:
    """Begin, go on with or end what a clock's news asks for; in the transaction that writes it, the ticket locked.

    No statement for a promise that was kept in good time, one where there is no chain at all.
    """
    if what == "met":
        if clock.warned_at is not None or clock.breached_at is not None:
            _cancel_of(ticket, clock)
        return
    if not escalation_chains.read():
        return
    last = EscalationRun.objects.filter(clock=clock).order_by("-pk").first()
    # A promise that begins anew each time has one clock for all of its rounds.
    if last is not None and last.started_at < clock.started_at:
        _cancel_of(ticket, clock)
        last = None
    if what == "breached" and last is not None and last.state in WAITING:
        _breached(last, clock)
        return
    if last is not None and last.state == State.ACKNOWLEDGED:
        return
    chain = escalation_chains.fitting(About.of(ticket, metric=clock.metric, policy=clock.version.policy_id))
    if chain is not None and not ticket.is_spam:
        marks = Marks(clock.warned_at, clock.breached_at)
        begin(ticket=ticket, chain=chain, cause=Cause(what), marks=marks, clock=clock)


def begin(
    *, ticket: Ticket, chain: EscalationChain, cause: Cause, marks: Marks, clock: SlaClock | None
) -> EscalationRun | None:
    """Begin a run on the locked ticket; None for a chain that has nothing to do yet."""
    steps = escalation_chains.steps_of(chain)
    first = plain.due(steps[0], marks) if steps else None
    if first is None:
        return None
    run = EscalationRun.objects.create(
        ticket=ticket,
        clock=clock,
        chain=chain,
        cause=cause,
        steps=[one.kept() for one in steps],
        fires_at=first,
        warned_at=marks.warned_at,
        breached_at=marks.breached_at,
    )
    data = {"chain": chain.public_id, "cause": cause.value}
    timeline.append_event(ticket, "escalation_begun", data)
    audit.record("ticket.escalation_begun", actor=audit.SYSTEM, obj=("ticket", ticket.public_id), detail=data)
    return run


def ask(*, ticket: Ticket, customer: Customer, reason: str) -> bool:
    """Escalate as the customer whose ticket it is, with a reason, once in 24 hours; secrets in it are masked.

    Returns whether a chain has begun. Raises NotEscalated, ReasonNeeded, Refused.
    """
    said = redact(storable(reason).strip()[:REASON_LENGTH]).text[:REASON_LENGTH]
    if not said:
        raise ReasonNeeded
    if ticket.requester_id != customer.pk:
        raise errors.Refused
    with transaction.atomic():
        locked = timeline.lock(ticket)
        if locked.status in DONE or locked.is_spam or not escalations.may_ask(locked):
            raise NotEscalated
        try:
            with transaction.atomic():
                EscalationRequest.objects.create(ticket=locked, customer=customer)
        except IntegrityError as error:
            raise NotEscalated from error
        event = timeline.event_row("escalation_asked", {})
        event.text = said
        timeline.append(locked, event, is_public=False)
        audit.record("ticket.escalation_asked", actor=customer.actor, obj=("ticket", locked.public_id))
        return _begin_for_customer(locked)


def acknowledge(*, run: EscalationRun, by: Staff) -> bool:
    """Take care of it: no further step is taken. False when it was over before.

    Raises NotYoursToAcknowledge.
    """
    with transaction.atomic():
        locked = timeline.lock(run.ticket)
        if not escalations.may_acknowledge(run, by):
            raise NotYoursToAcknowledge
        taken = EscalationRun.objects.filter(pk=run.pk, state__in=WAITING).update(
            state=State.ACKNOWLEDGED,
            acknowledged_at=DatabaseNow(),
            acknowledged_by=by,
            ended_at=DatabaseNow(),
            fires_at=None,
        )
        if not taken:
            return False
        drop_notices(run)
        timeline.append_event(locked, "escalation_acknowledged", {"chain": run.chain.public_id}, by=by)
        audit.record("ticket.escalation_acknowledged", actor=by.actor, obj=("ticket", locked.public_id))
        effects.escalations_changed()
    return True


def acknowledge_storm(*, public_id: str, by: Staff) -> int:
    """Take care of all that is left of a storm, ticket by ticket; returns how many. Others' tickets are left out."""
    runs = EscalationRun.objects.waiting().filter(storm__public_id=public_id).select_related("ticket", "chain")
    return sum(acknowledge(run=run, by=by) for run in runs.order_by("pk") if escalations.may_acknowledge(run, by))


def cancel(*, run: EscalationRun, ticket: Ticket) -> None:
    """End a run of the locked ticket that nobody needs any more: the promise was kept, or is none any more."""
    ended = EscalationRun.objects.filter(pk=run.pk, state__in=WAITING).update(
        state=State.CANCELLED, ended_at=DatabaseNow(), fires_at=None
    )
    if not ended:
        return
    drop_notices(run)
    timeline.append_event(ticket, "escalation_ended", {"chain": run.chain.public_id})
    audit.record("ticket.escalation_ended", actor=audit.SYSTEM, obj=("ticket", ticket.public_id))
    effects.escalations_changed()


def drop_notices(run: EscalationRun) -> None:
    """Tell nobody any more what has been held back so far."""
    run.notices.filter(state="queued", lease_until__isnull=True).update(state="dropped", settled_at=DatabaseNow())


def _cancel_of(ticket: Ticket, clock: SlaClock) -> None:
    for run in EscalationRun.objects.filter(clock=clock, state__in=WAITING).select_related("chain"):
        cancel(run=run, ticket=ticket)


def _breached(run: EscalationRun, clock: SlaClock) -> None:
    """Let the steps that wait for the breach count from it."""
    values: dict[str, datetime | None] = {"breached_at": clock.breached_at}
    run.breached_at = clock.breached_at
    steps: list[Step] = run.plain_steps()
    if run.state == State.RUNNING and run.fires_at is None and run.next_step < len(steps):
        values["fires_at"] = plain.due(steps[run.next_step], run.marks())
    EscalationRun.objects.filter(pk=run.pk, state__in=WAITING).update(**values)


def _begin_for_customer(ticket: Ticket) -> bool:
    """Begin the chain that is for customers, unless one that a customer began still waits."""
    if EscalationRun.objects.filter(ticket=ticket, clock__isnull=True, state__in=WAITING).exists():
        return False
    policy = ticket.sla_version.policy_id if ticket.sla_version else None
    chain = escalation_chains.fitting(About.of(ticket, policy=policy), by_customer=True)
    at = now()
    marks = Marks(at, at)
    return chain is not None and (
        begin(ticket=ticket, chain=chain, cause=Cause.CUSTOMER, marks=marks, clock=None) is not None
    )
