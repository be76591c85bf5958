"""Sending a text that a vendor has approved: what may be said when the time for free answers is over."""

from collections.abc import Sequence

from accounts.models import Staff
from core.storable_text import storable
from security.redaction import redact
from tickets.models import Message, SocialTemplate, SocialThread, Ticket
from tickets.models.channel import Channel
from tickets.services import errors, replies
from tickets.services.senders import Sender
from tickets.services.social_outbox import Chosen

LONGEST_VALUE = 500


def send(
    *, ticket: Ticket, template: SocialTemplate, values: Sequence[str], by: Staff, client_key: str = ""
) -> Message:
    """Add the filled text as a public reply, and owe it to the customer as that template.

    Values lose line ends and secrets, as they would in a message.
    Raises Refused for a template of another account or one that is switched off, ValuesMissing, CaseClosed,
    NotToBeSent.
    """
    thread = SocialThread.objects.filter(ticket=ticket).select_related("chat").first()
    if thread is None or not template.is_active or template.account_id != thread.chat.account_id:
        raise errors.Refused
    filled = tuple(redact(storable(" ".join(value.split()))).text[:LONGEST_VALUE] for value in values)
    if len(filled) != len(template.variables) or not all(filled):
        raise errors.ValuesMissing
    return replies.add(
        ticket=ticket,
        sender=Sender.of_staff(by),
        channel=Channel.SOCIAL,
        words=replies.Words(
            text=template.filled(filled),
            language=template.language,
            client_key=client_key,
            chosen=Chosen(template, filled),
        ),
    )
