"""Who of ours opened a case or a customer's page: a line in the audit log for each time it was put on a screen.

What they were told of a case they know from then on.
"""

from accounts.models import Customer, Staff
from core import audit
from tickets.models import Ticket
from tickets.services import staff_notices


def viewed(ticket: Ticket, *, by: Staff) -> None:
    """Record that what was said in a case was shown to `by`, on its own page or unfolded in another."""
    audit.record("ticket.viewed", actor=by.actor, obj=("ticket", ticket.public_id))
    staff_notices.looked(ticket=ticket, by=by)


def customer_viewed(customer: Customer, *, by: Staff) -> None:
    """Record that a customer's page was shown to `by`."""
    audit.record("customer.viewed", actor=by.actor, obj=("customer", customer.public_id))
