"""What happens to a fund-related action stands on the timeline of its ticket, and moves what waits for people."""

from django.db import transaction

from security.models import FundStep
from security.services import fund_steps
from tickets import effects
from tickets.models import Ticket
from tickets.services import timeline

EVENT = "fund_action"


def tell(*, step_pk: int) -> bool:
    """Write a step on its ticket, once, and those before it first; False when somebody else has."""
    with transaction.atomic():
        steps = fund_steps.take(pk=step_pk)
        if not steps:
            return False
        ticket_pk = steps[0].action.ticket_id
        ticket = Ticket.objects.filter(pk=ticket_pk).first() if ticket_pk else None
        if ticket is not None:
            locked = timeline.lock(ticket)
            for step in steps:
                timeline.append_event(locked, EVENT, _data(step), by=step.staff)
        fund_steps.told(steps=steps)
        effects.approvals_changed()
    return True


def _data(step: FundStep) -> dict[str, str | int | None]:
    """Ids and codes only; `to` is who was drawn."""
    kept = {name: value for name, value in step.data.items() if name in {"method", "outcome", "code", "reference"}}
    action = {"action": step.action.public_id, "kind": step.action.kind, "step": step.what}
    return {**action, **kept, "to": step.data.get("approver")}
