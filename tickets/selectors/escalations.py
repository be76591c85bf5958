"""Runs of escalation as the desk shows them, and who may do what about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import Staff
from accounts.permissions import Permission
from core.clock import DatabaseNow, from_now
from tickets.escalation.vocabulary import WAITING
from tickets.models import EscalationNotice, EscalationRequest, EscalationRun, EscalationStorm, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.selectors import escalation_wording as wording

DAY = timedelta(hours=24)
SHOWN = 50


@dataclass(frozen=True, slots=True)
class RunShown:
    """One run: why it began, how far it is, and what whoever looks may do."""

    public_id: str
    chain: str
    why: str
    state: str
    state_name: str
    acknowledged_by: str
    started_at: datetime
    next_at: datetime | None
    taken: int
    steps: int
    may_acknowledge: bool


@dataclass(frozen=True, slots=True)
class RowShown:
    """One run with its ticket, on the page of what waits for somebody."""

    run: RunShown
    ticket: str
    number: int
    subject: str
    priority: str
    was_told: bool


@dataclass(frozen=True, slots=True)
class StormShown:
    """A storm of which whoever looks was told: how many of its tickets still wait."""

    public_id: str
    chain: str
    began_at: datetime
    count: int
    waiting: int


def run_of_id(public_id: str) -> EscalationRun | None:
    """Return a run by its public id."""
    return EscalationRun.objects.select_related("ticket", "chain").filter(public_id=public_id).first()


def may_acknowledge(run: EscalationRun, person: Staff) -> bool:
    """Whether a person may take care of it: whoever was told, and leads; if they see the ticket."""
    if not Ticket.objects.visible_to(person).filter(pk=run.ticket_id).exists():
        return False
    return person.has(Permission.CHAT_LEAD) or EscalationRun.objects.told_to(person).filter(pk=run.pk).exists()


def may_ask(ticket: Ticket) -> bool:
    """Whether its customer may escalate: nobody has within a day."""
    return not EscalationRequest.objects.filter(ticket=ticket, asked_at__gt=from_now(-DAY)).exists()


def lately() -> Exists:
    """Return, for a query of tickets, whether the customer has escalated within a day."""
    return Exists(EscalationRequest.objects.filter(ticket=OuterRef("pk"), asked_at__gt=from_now(-DAY)))


def waiting_for(person: Staff, visible: TicketQuerySet) -> QuerySet[EscalationRun]:
    """Return the runs on tickets that they see of which a person was told, and of which nobody has taken care."""
    return EscalationRun.objects.waiting().told_to(person).filter(ticket__in=visible.values("pk"))


def page(person: Staff) -> dict[str, Any]:
    """Return what waits for a person, and for leads what else does, the newest first."""
    is_lead = person.has(Permission.CHAT_LEAD)
    seen = EscalationRun.objects.waiting().filter(ticket__in=Ticket.objects.visible_to(person).values("pk"))
    told = EscalationRun.objects.told_to(person).filter(pk=OuterRef("pk"))
    rows = seen.annotate(was_told=Exists(told), now=DatabaseNow())
    if not is_lead:
        rows = rows.filter(was_told=True)
    found = rows.select_related("ticket", "chain", "clock").order_by("-was_told", "-started_at")[:SHOWN]
    shown = [_row(run) for run in found]
    return {
        "mine": [row for row in shown if row.was_told],
        "others": [row for row in shown if not row.was_told],
        "storms": _storms(person),
        "is_lead": is_lead,
    }


def exists_of(ticket: OuterRef) -> Exists:
    """Return whether a ticket of an outer query was ever escalated."""
    return Exists(EscalationRun.objects.filter(ticket=ticket))


def of_ticket(ticket: Ticket, person: Staff) -> list[RunShown]:
    """Return what waits on a ticket and what was taken care of last; one statement."""
    told = EscalationRun.objects.told_to(person).filter(pk=OuterRef("pk"))
    rows = EscalationRun.objects.filter(ticket=ticket).annotate(was_told=Exists(told))
    found = rows.select_related("chain", "clock", "acknowledged_by").order_by("-pk")[:5]
    is_lead = person.has(Permission.CHAT_LEAD)
    return [_run(run, may=is_lead or run.was_told) for run in found]  # type: ignore[attr-defined]


def _storms(person: Staff) -> list[StormShown]:
    mine = EscalationNotice.objects.shown_to(person).filter(storm__isnull=False)
    seen = EscalationRun.objects.filter(
        storm__in=mine.values("storm"), ticket__in=Ticket.objects.visible_to(person).values("pk")
    )
    left = _by_storm(seen.waiting())
    counts = _by_storm(seen) if left else {}
    rows = EscalationStorm.objects.filter(pk__in=left).select_related("chain").order_by("-began_at")
    return [StormShown(row.public_id, row.chain.name, row.began_at, counts[row.pk], left[row.pk]) for row in rows]


def _by_storm(runs: QuerySet[EscalationRun]) -> dict[int, int]:
    return dict(runs.order_by().values_list("storm").annotate(Count("pk")))


def _row(run: Any) -> RowShown:  # noqa: ANN401 -- a run with annotations
    ticket = run.ticket
    return RowShown(
        run=_run(run, may=True),
        ticket=ticket.public_id,
        number=ticket.number,
        subject=ticket.subject,
        priority=ticket.priority,
        was_told=run.was_told,
    )


def _run(run: EscalationRun, *, may: bool) -> RunShown:
    return RunShown(
        public_id=run.public_id,
        chain=run.chain.name,
        why=wording.cause(run.cause, run.clock.metric if run.clock else ""),
        state=run.state,
        state_name=run.get_state_display(),
        acknowledged_by=run.acknowledged_by.name if run.acknowledged_by else "",
        started_at=run.started_at,
        next_at=run.fires_at,
        taken=run.next_step,
        steps=len(run.steps),
        may_acknowledge=may and run.state in WAITING,
    )
