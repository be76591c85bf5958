"""Owing mail for a chat: an event on its timeline carries the mail, in the transaction that decides it."""

from datetime import timedelta

from accounts.models import Staff
from core import writes
from core.clock import from_now
from tickets import effects
from tickets.channels.email import tokens
from tickets.mail_keys import mail_keys
from tickets.models import Mailbox, MailRoute, Message, OutboundMail, Ticket
from tickets.models.channel import Channel
from tickets.selectors.correspondence import CONTINUED, TRANSCRIPT
from tickets.services import timeline

REFERENCES = 20
DAY = timedelta(days=1)


def mailbox_of(ticket: Ticket) -> Mailbox | None:
    """Return the mailbox by which a chat goes on; None when there is none."""
    return ticket.mailbox or Mailbox.objects.filter(is_active=True).order_by("pk").first()


def mailed_within_a_day(ticket: Ticket, event: str) -> int:
    """Return how many mails of this kind the case has been owed within a day."""
    return ticket.messages.filter(event=event, created_at__gt=from_now(-DAY)).count()


def has_bounced(ticket: Ticket, address: str) -> bool:
    """Whether mail of this case has come back from there."""
    return OutboundMail.objects.filter(message__ticket=ticket, to_address=address, state="bounced").exists()


def continue_by_mail(*, ticket: Ticket, mailbox: Mailbox, address: str, after: int, upto: int) -> Message:
    """Owe the answers between two public numbers, in one mail, to an address that is the requester's.

    Inside the caller's transaction, which holds the ticket.
    """
    return _owe(ticket, mailbox, address, CONTINUED, {"after": after, "upto": upto}, by=None)


def send_transcript(*, ticket: Ticket, mailbox: Mailbox, address: str, by: Staff | None, zone: str = "") -> Message:
    """Owe everything public that was said so far; `by` is who of ours sends it, None when the customer asked.

    Times are told in the time zone `zone`, '' for the customer's own.
    """
    about: dict[str, str | int | None] = {"after": 0, "upto": ticket.last_public_seq, "zone": zone}
    return _owe(ticket, mailbox, address, TRANSCRIPT, about, by=by)


def _owe(
    ticket: Ticket, mailbox: Mailbox, address: str, event: str, data: dict[str, str | int | None], *, by: Staff | None
) -> Message:
    MailRoute.objects.bulk_create([MailRoute(ticket=ticket, address=address.lower())], ignore_conflicts=True)
    message = timeline.event_row(event, data, by=by)
    message.channel = Channel.EMAIL
    message.message_id_header = tokens.message_id(mailbox.domain, message.public_id, ticket.public_id, mail_keys())
    known = _thread(ticket)
    timeline.append(ticket, message, is_public=False)
    row = OutboundMail(
        message=message,
        mailbox=mailbox,
        to_address=address,
        message_id_header=message.message_id_header,
        in_reply_to_header=known[-1] if known else "",
        references_header=" ".join(known),
        next_attempt_at=from_now(timedelta()),
    )
    writes.insert([row])
    effects.mail_queued(row, delay_s=0)
    return message


def _thread(ticket: Ticket) -> list[str]:
    """Return the Message-IDs of the mails of this chat so far, both ways, oldest first."""
    dead = [OutboundMail.State.CANCELLED, OutboundMail.State.FAILED]
    known = ticket.messages.exclude(message_id_header="").exclude(outbound__state__in=dead)
    return list(known.order_by("-seq").values_list("message_id_header", flat=True)[:REFERENCES])[::-1]
