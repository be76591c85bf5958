"""Whom a step is for, now: people who may see the ticket, each once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import PushDevice, Staff
from accounts.permissions import Permission
from tickets.escalation.quiet import Quiet, held_until
from tickets.escalation.steps import Step
from tickets.escalation.vocabulary import Action
from tickets.models import EscalationChain, EscalationNotice, Ticket
from tickets.models.ticket import Priority
from tickets.selectors import on_call

# A step tells so many people at most.
MOST = 50
ORDER = [str(one) for one in (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT)]


@dataclass(frozen=True, slots=True)
class Told:
    """One person whom a step tells, and from when on: later than it is taken where it is quiet."""

    person: Staff
    at: datetime


def told(step: Step, ticket: Ticket, chain: EscalationChain, at: datetime) -> list[Told]:
    """Return whom a step tells when it is taken at a moment; whoever is on call has no quiet hours of their own."""
    return [Told(one, held(step, chain, at, one)) for one in people(step, ticket, at)]


def held(step: Step, chain: EscalationChain, at: datetime, person: Staff | None = None) -> datetime:
    """Return when what a step says at a moment may be heard; `person` is None for a place outside."""
    if step.is_urgent:
        return at
    spans = chain.quiet()
    if person is not None and step.action != Action.ON_CALL:
        spans += quiet_of(person)
    return held_until(at, spans)


def quiet_of(person: Staff) -> list[Quiet]:
    """Return a person's quiet hours: one or none."""
    if person.quiet_from is None or person.quiet_until is None:
        return []
    return [Quiet(person.quiet_from, person.quiet_until, ZoneInfo(person.time_zone))]


def people(step: Step, ticket: Ticket, at: datetime) -> list[Staff]:
    """Return whom a telling step is for, and who follows the ticket; without those who may not see it.

    Of a step that pushes those alone who have a device.
    """
    meant = _meant(step, ticket, at)
    followers = Staff.objects.filter(pk__in=ticket.followers.values("staff")) if meant and ticket.pk else ()
    found = _seeing([*meant, *followers], ticket)
    if step.action != Action.PUSH or not found:
        return found
    reached = with_device(found)
    return [one for one in found if one.pk in reached]


def with_device(found: Iterable[Staff]) -> set[int]:
    """Return the keys of those who have a device that shows notifications."""
    return set(PushDevice.objects.living().filter(staff__in=list(found)).values_list("staff", flat=True))


def _meant(step: Step, ticket: Ticket, at: datetime) -> list[Staff]:
    if step.schedule:
        schedule = on_call.schedule(step.schedule)
        person = on_call.who(schedule, at) if schedule else None
        return [person] if person else []
    if step.team:
        return list(Staff.objects.filter(memberships__team=step.team, is_active=True).order_by("name")[:MOST])
    if step.to_assignee:
        return [ticket.assignee] if ticket.assignee else []
    return list(Staff.objects.filter(pk=step.staff))


def _seeing(found: Iterable[Staff], ticket: Ticket) -> list[Staff]:
    seen: dict[int, Staff] = {}
    for one in found:
        if one.pk not in seen and may_see(one, ticket):
            seen[one.pk] = one
    return list(seen.values())[:MOST]


def may_see(person: Staff, ticket: Ticket) -> bool:
    """Whether a person may see a ticket; of one that is only thought of, whoever sees any may."""
    if not person.has(Permission.TICKET_VIEW):
        return False
    return not ticket.pk or Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()


def may_hear(notice: EscalationNotice) -> bool:
    """Whether a notice's person may still sign in and see its ticket: much may have changed while it was held."""
    if notice.staff is None or not notice.staff.is_active:
        return False
    return notice.run is None or may_see(notice.staff, notice.run.ticket)
