"""Chains, schedules and places outside, for tests."""

from datetime import date, time
from typing import Any

from accounts.models import Staff
from tickets.models import (
    EscalationChain,
    EscalationHook,
    EscalationNotice,
    EscalationRun,
    OnCallSchedule,
    Ticket,
)


def chain(*steps: dict[str, Any], name: str = "Breaches", **more: Any) -> EscalationChain:
    """Return a chain with these steps, in their order."""
    made = EscalationChain.objects.create(name=name, **more)
    for position, step in enumerate(steps):
        made.steps.create(position=position, **step)
    return made


def schedule(*people: Staff, name: str = "First line", **more: Any) -> OnCallSchedule:
    """Return a rotation of these people, by days from the first of 2026 at nine."""
    values = {"begins_on": date(2026, 1, 1), "hands_over_at": time(9), "turn_days": 1} | more
    made = OnCallSchedule.objects.create(name=name, **values)
    for position, person in enumerate(people):
        made.participants.create(staff=person, position=position)
    return made


def hook(name: str = "Operations", **more: Any) -> EscalationHook:
    """Return a place outside."""
    values = {"url": "https://hooks.example/escalations", "secret": "signing-key"} | more
    return EscalationHook.objects.create(name=name, **values)


def taken(ticket: Ticket) -> list[tuple[str, str]]:
    """Return the steps that were taken on a ticket, and what came of each, as its timeline says."""
    found = ticket.messages.filter(event="escalation_step").order_by("seq")
    return [(one.event_data["action"], one.event_data["outcome"]) for one in found]


def owed(kind: str = "page") -> list[tuple[str, str]]:
    """Return who is owed or was given notices of a kind, and where each is."""
    rows = EscalationNotice.objects.filter(kind=kind).order_by("pk").select_related("staff")
    return [(row.staff.name if row.staff else "", row.state) for row in rows]


def run_of(ticket: Ticket) -> EscalationRun:
    """Return the last run of a ticket."""
    return EscalationRun.objects.filter(ticket=ticket).latest("pk")
