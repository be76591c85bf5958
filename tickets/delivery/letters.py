"""From rows to the bytes of a letter; the same rows give the same bytes."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import CustomerAddress
from core import files
from core.excerpts import cut
from core.models import Notice
from kb import subscription_links
from security.selectors import anti_phishing_phrase
from tickets.channels.email import automatic, compose, tokens
from tickets.channels.email.transport import Envelope
from tickets.mail_keys import mail_keys
from tickets.models import Mailbox, Message, OutboundMail, Participant, Ticket
from tickets.selectors import correspondence

HISTORY_MESSAGES = 5
HISTORY_CHARS = 20_000


class NotToBeSent(Exception):
    """The mail must not leave; the sentence is shown to staff."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready for the wire."""

    envelope: Envelope
    raw: bytes


def of_message(row: OutboundMail) -> Letter:
    """Write the mail of a message. Raises NotToBeSent for a recipient who is no party, ValueError for a bad header."""
    message, mailbox = row.message, row.mailbox
    ticket = message.ticket
    to, copies = _recipients(row, ticket)
    signing_key = mail_keys()[0]
    # A confirmation speaks the mailbox's language; a guess at the customer's may be wrong.
    language = _language("" if row.is_automatic else ticket.language, mailbox.language)
    with translation.override(language):
        outgoing = compose.Outgoing(
            sender=compose.Party(mailbox.address, _sender_name(mailbox, message)),
            to=(compose.Party(to),),
            cc=tuple(compose.Party(address) for address in copies),
            subject=_subject(row, ticket),
            text=_words(row, message) + _phrase(ticket, to, copies),
            message_id=row.message_id_header,
            date=message.created_at,
            reply_to=_reply_to(mailbox, ticket, signing_key),
            in_reply_to=row.in_reply_to_header or None,
            references=row.references_header.split(),
            is_reply=not row.is_automatic and message.event != correspondence.TRANSCRIPT,
            signature=mailbox.signature,
            history=_history(row, ticket),
            files=_files(message),
            language=language,
            automatic=automatic.kind(message) if row.is_automatic else None,
        )
    return Letter(Envelope(_return_path(mailbox, message, signing_key), (to, *copies)), compose.compose(outgoing))


def of_notice(notice: Notice) -> Letter:
    """Write a system mail; its body was translated when the row was made."""
    name, _sign, address = settings.SYSTEM_MAIL_FROM.rpartition("<")
    sender = compose.Party(address.strip("<> "), name.strip())
    outgoing = compose.Outgoing(
        sender=sender,
        to=(compose.Party(notice.to_address),),
        subject=notice.subject,
        text=notice.body or "",
        message_id=f"<notice.{notice.public_id}@{settings.MAIL_DOMAIN}>",
        date=notice.created_at,
        language=notice.language,
        automatic="auto-generated",
        unsubscribe=subscription_links.ending_in(notice),
    )
    return Letter(Envelope(sender.address, (notice.to_address,)), compose.compose(outgoing))


def _subject(row: OutboundMail, ticket: Ticket) -> str:
    if row.is_automatic:
        return automatic.subject(row.message)
    return correspondence.subject(row.message, ticket)


def _words(row: OutboundMail, message: Message) -> str:
    if row.is_automatic:
        return automatic.text(message)
    if not correspondence.is_of_chat(message):
        return message.text
    words = correspondence.text(message, message.ticket)
    if not words:
        refusal = "What was to be told was taken back before the mail left."
        raise NotToBeSent(refusal)
    return words


def _phrase(ticket: Ticket, to: str, copies: list[str]) -> str:
    """The customer's own words under ours: only to an address proven to be theirs, and only where nobody else reads."""
    if copies or not ticket.is_requester_proven:
        return ""
    theirs = CustomerAddress.objects.filter(customer=ticket.requester_id, kind="email", value=to.lower())
    if not theirs.exclude(proof=CustomerAddress.Proof.CLAIMED).exists():
        return ""
    words = anti_phishing_phrase(ticket.requester)
    return "\n\n" + _("Your anti-phishing phrase: %(phrase)s") % {"phrase": words} if words else ""


def _recipients(row: OutboundMail, ticket: Ticket) -> tuple[str, list[str]]:
    """Relay guard: whatever the row says, only the requester and proven people in copy get mail."""
    is_route = correspondence.is_of_chat(row.message) and ticket.routes.filter(address=row.to_address.lower()).exists()
    if not is_route and row.to_address.lower() != ticket.requester_address.lower():
        message = "The recipient is not the requester of this ticket any more."
        raise NotToBeSent(message)
    if not row.cc_addresses:
        return row.to_address, []
    parties = ticket.participants.filter(role=Participant.Role.CC, is_proven=True, address__in=row.cc_addresses)
    return row.to_address, sorted(set(parties.values_list("address", flat=True)) - {row.to_address.lower()})


def _sender_name(mailbox: Mailbox, message: Message) -> str:
    return f"{message.staff.name} ({mailbox.name})" if message.staff is not None else mailbox.name


def _reply_to(mailbox: Mailbox, ticket: Ticket, key: bytes) -> str:
    try:
        return tokens.reply_address(mailbox.address, ticket.public_id, key)
    except ValueError:
        return mailbox.address  # an address that cannot carry a token: the Message-ID still does


def _return_path(mailbox: Mailbox, message: Message, key: bytes) -> str:
    try:
        return tokens.bounce_address(mailbox.address, message.public_id, key)
    except ValueError:
        return mailbox.address


def _history(row: OutboundMail, ticket: Ticket) -> compose.QuotedHistory | None:
    """Quote the public messages before this one, newest first; only where the row says the requester is proven."""
    if not row.includes_history or not ticket.is_requester_proven:
        return None
    before = ticket.messages.filter(
        public_seq__isnull=False, seq__lt=row.message.seq, kind=Message.Kind.REPLY, withdrawn_at__isnull=True
    ).order_by("-seq")[:HISTORY_MESSAGES]
    messages = list(before)
    if not messages:
        return None
    attributions = [_attribution(message) for message in messages]
    blocks = [messages[0].text]
    blocks += [f"{attributions[number]}\n{message.text}" for number, message in enumerate(messages) if number]
    return compose.QuotedHistory(attributions[0], cut("\n\n".join(blocks), HISTORY_CHARS))


def _attribution(message: Message) -> str:
    name = message.sender_name if message.direction == Message.Direction.OUT else ""
    when = f"{message.created_at:%Y-%m-%d %H:%M} UTC"
    if message.direction == Message.Direction.IN:
        return _("On %(when)s you wrote:") % {"when": when}
    return _("On %(when)s %(name)s wrote:") % {"when": when, "name": name or "Pharos"}


def _files(message: Message) -> tuple[compose.OutgoingFile, ...]:
    return tuple(
        compose.OutgoingFile(file.name, file.content_type, files.read(file))
        for attachment in message.attachments.kept()
        if (file := attachment.kept_file)
    )


def _language(*wanted: str) -> str:
    """The first of these that we have words in."""
    known = {code for code, _name in settings.LANGUAGES}
    return next((code for code in wanted if code in known), "en")
