"""Freezing a customer from their ticket: little proof, a reason, at once; the reason stays on the ticket as a note."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from security.models import FreezeOrder
from security.services import freezing
from tickets.models import Ticket
from tickets.services import replies


def freeze(*, ticket: Ticket, by: Staff, reason: str) -> None:
    """Freeze the requester of `ticket`, and keep why. Raises EmptyMessage without a reason."""
    with transaction.atomic():
        replies.add_note(ticket=ticket, author=by, text=_("Customer frozen: %(reason)s") % {"reason": reason})
        freezing.freeze(customer=ticket.requester, source=FreezeOrder.Source.DESK, actor=by.actor)
