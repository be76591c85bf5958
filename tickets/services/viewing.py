"""Who of ours opened a case: a line in the audit log for each time it was put on a screen."""

from accounts.models import Staff
from core import audit
from tickets.models import Ticket


def viewed(ticket: Ticket, *, by: Staff) -> None:
    """Record that the whole case was shown to `by`."""
    audit.record("ticket.viewed", actor=by.actor, obj=("ticket", ticket.public_id))
