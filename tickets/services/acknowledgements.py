"""The automatic "we have your message": fixed words, to proven senders only, one a day to each."""

from django.conf import settings
from django.db import connection

from tickets.models import Message, Ticket
from tickets.models.channel import Channel
from tickets.services import outbox, timeline


def owe(*, ticket: Ticket, first: Message) -> bool:
    """Owe the requester of a new case its acknowledgement, in the transaction that has just opened it with `first`.

    Nothing of what anybody wrote is in it, so that it cannot carry a stranger's words to a victim;
    the limits per address end any loop with a machine that hides being one, and the one for
    all keeps a flood of cases from becoming a flood of mail; the case then says that nothing was sent, so that
    staff see the loop or the flood and a person can answer. Returns whether it will go.
    """
    if not ticket.is_requester_proven or ticket.is_spam:
        return False
    mailbox = outbox.mailbox_of(ticket)
    if mailbox is None:
        return False
    if _is_too_much(ticket.requester_address.lower()):
        timeline.append_event(ticket, "acknowledgement_withheld", {})
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
    outbox.owe(ticket=ticket, message=event, mailbox=mailbox, answered=[first])
    return True


def _is_too_much(address: str) -> bool:
    """Whether one more automatic mail would break a limit; waits for others that are about to write one."""
    limits = (
        settings.AUTOMATIC_MAILS_PER_MIN,
        settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_H,
        settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_DAY,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT tickets_automatic_mail_allowed(%s, %s, %s, %s)", [address, *limits])
        row = cursor.fetchone()
    return not row[0]
