"""The automatic "we have your message": fixed words, to proven senders only, at most a few an hour."""

from datetime import timedelta

from django.conf import settings

from core.clock import DatabaseNow
from tickets.models import Message, OutboundMail, Ticket
from tickets.models.channel import Channel
from tickets.services import outbox, timeline


def owe(*, ticket: Ticket) -> bool:
    """Owe the requester of a new case its acknowledgement, in the transaction that has just opened and locked it.

    Nothing of what anybody wrote is in it, so that it cannot carry a stranger's words to a victim;
    the limit per address ends any loop with a machine that hides being one. Returns whether it will go.
    """
    if not ticket.is_requester_proven or ticket.is_spam:
        return False
    mailbox = outbox.mailbox_of(ticket)
    if mailbox is None or _has_had_enough(ticket.requester_address):
        return False
    event = Message(
        kind=Message.Kind.EVENT,
        direction=Message.Direction.OUT,
        channel=Channel.EMAIL,
        sender_role=Message.SenderRole.SYSTEM,
        event="acknowledged",
        event_data={},
        is_automatic=True,
    )
    event.message_id_header = outbox.message_id(mailbox, ticket, event)
    timeline.append(ticket, event, is_public=False)
    outbox.owe(ticket=ticket, message=event, mailbox=mailbox)
    return True


def _has_had_enough(address: str) -> bool:
    recent = OutboundMail.objects.filter(
        to_address=address, is_automatic=True, created_at__gt=DatabaseNow() - timedelta(hours=1)
    )
    return recent.count() >= settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_H
