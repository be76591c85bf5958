"""The transcript of a conversation by mail: at the customer's wish, or sent by one of us."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from core import audit, time_zones
from livechat.models import Chat
from livechat.selectors import by_mail
from livechat.services.leaving import NoMail
from tickets.services import correspondence, errors, timeline

# Of one conversation within a day, whoever asks.
PER_DAY = 3


class NoAddress(errors.Refused):
    """Nobody has proven or confirmed where it may go."""

    code = "no_address"
    message = _("There is no proven or confirmed address to send it to.")


class EnoughToday(errors.Refused):
    """It went out a few times already."""

    code = "enough_today"
    message = _("It was sent three times within a day. Try again tomorrow.")


def send(*, chat: Chat, by: Staff | None, zone: str = "") -> str:
    """Owe the mail of everything public said so far, and return where it goes; `by` is None for the customer's wish.

    It goes where answers go and nowhere else. `zone` is the browser's time zone; an unknown one is the customer's own.
    Raises NoAddress, NoMail, EnoughToday.
    """
    with transaction.atomic():
        ticket = timeline.lock(chat.ticket)
        address = by_mail.address_of(chat, ticket)
        if not address or correspondence.has_bounced(ticket, address):
            raise NoAddress
        mailbox = correspondence.mailbox_of(ticket)
        if mailbox is None:
            raise NoMail
        if correspondence.mailed_within_a_day(ticket, "chat_transcript") >= PER_DAY:
            raise EnoughToday
        correspondence.send_transcript(
            ticket=ticket, mailbox=mailbox, address=address, by=by, zone=zone if zone in time_zones.names() else ""
        )
        actor = by.actor if by else ticket.requester.actor
        about: dict[str, audit.Detail] = {"upto": ticket.last_public_seq}
        audit.record("ticket.transcript_sent", actor=actor, obj=("ticket", ticket.public_id), detail=about)
    return address
