"""Owing mail: the outbox row that is written in the same transaction as its cause."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from core import writes
from core.clock import from_now
from tickets import effects
from tickets.channels.email import tokens
from tickets.mail_keys import mail_keys
from tickets.models import Mailbox, Message, OutboundMail, Participant, Ticket

REFERENCES = 20


def mailbox_of(ticket: Ticket) -> Mailbox | None:
    """Return the mailbox that replies of this case leave by; None when the requester has no mail address."""
    if "@" not in ticket.requester_address:
        return None
    return ticket.mailbox or Mailbox.objects.filter(is_active=True).order_by("pk").first()


def message_id(mailbox: Mailbox, ticket: Ticket, message: Message) -> str:
    """Return the Message-ID a message keeps for good: signed, and the same at every sending."""
    return tokens.message_id(mailbox.domain, message.public_id, ticket.public_id, mail_keys())


def owe(
    *, ticket: Ticket, message: Message, mailbox: Mailbox, answered: Sequence[Message] | None = None
) -> OutboundMail:
    """Owe the requester, and proven people in copy, the mail of `message`; inside the caller's transaction.

    A person's reply leaves when the undo window is over, an automatic one at once and to the
    requester alone. History is quoted only to a proven requester. `answered` are the public messages
    before it, where the caller knows them all.
    """
    automatic = message.is_automatic
    delay_s = 0 if automatic else settings.UNDO_SEND_S
    known = _thread(ticket, message) if answered is None else _headers(answered)
    row = OutboundMail(
        message=message,
        mailbox=mailbox,
        to_address=ticket.requester_address,
        cc_addresses=[] if automatic else _copies(ticket),
        message_id_header=message.message_id_header,
        in_reply_to_header=known[-1] if known else "",
        references_header=" ".join(known),
        includes_history=ticket.is_requester_proven and not automatic,
        is_automatic=automatic,
        next_attempt_at=from_now(timedelta(seconds=delay_s)),
    )
    writes.insert([row])
    effects.mail_queued(row, delay_s=delay_s)
    return row


def _copies(ticket: Ticket) -> list[str]:
    people = ticket.participants.filter(role=Participant.Role.CC, is_proven=True).order_by("pk")
    return list(people.values_list("address", flat=True))


def _headers(messages: Sequence[Message]) -> list[str]:
    return [one.message_id_header for one in messages if one.message_id_header]


def _thread(ticket: Ticket, message: Message) -> list[str]:
    """Return the Message-IDs of the public messages before this one, oldest first.

    Mail that was taken back or never left is unknown to the other side and is not answered.
    """
    before = (
        ticket.messages.filter(public_seq__isnull=False, withdrawn_at__isnull=True)
        .exclude(message_id_header="")
        .exclude(pk=message.pk)
        .exclude(outbound__state__in=[OutboundMail.State.CANCELLED, OutboundMail.State.FAILED])
    )
    return list(before.order_by("-seq").values_list("message_id_header", flat=True)[:REFERENCES])[::-1]
