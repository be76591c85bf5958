"""What happens to a fund-related action stands on the timeline of its ticket, and moves what waits for people."""

from django.db import transaction

from security.models import FundStep
from security.services import fund_steps
from tickets import effects
from tickets.models import Ticket
from tickets.services import timeline

EVENT = "fund_action"


def tell(*, step_pk: int) -> bool:
    """Write one step on its ticket, once; False when somebody else has, or is at it."""
    with transaction.atomic():
        step = fund_steps.take(pk=step_pk)
        if step is None:
            return False
        ticket = Ticket.objects.filter(pk=step.action.ticket_id).first() if step.action.ticket_id else None
        if ticket is not None:
            timeline.append_event(timeline.lock(ticket), EVENT, _data(step), by=step.staff)
        fund_steps.told(step=step)
        effects.approvals_changed()
    return True


def _data(step: FundStep) -> dict[str, str | int | None]:
    """Ids and codes only; `to` is who was drawn."""
    kept = {name: value for name, value in step.data.items() if name in {"method", "outcome", "code", "reference"}}
    action = {"action": step.action.public_id, "kind": step.action.kind, "step": step.what}
    return {**action, **kept, "to": step.data.get("approver")}
