"""Where goes what arrives for a case: into the one that it was merged into, however far that leads. The only place."""

from tickets.models import Ticket
from tickets.services import timeline


def of(ticket: Ticket) -> Ticket:
    """Return the case in which `ticket` goes on: itself, unless it is merged. No statement for one that is not."""
    while ticket.merged_into_id is not None:
        ticket = Ticket.objects.select_related("requester").get(pk=ticket.merged_into_id)
    return ticket


def lock(ticket: Ticket) -> Ticket:
    """Return it locked and fresh, also where it is merged at this moment; inside the caller's transaction."""
    locked = timeline.lock(of(ticket))
    while locked.merged_into_id is not None:
        locked = timeline.lock(of(locked))
    return locked
