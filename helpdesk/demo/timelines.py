"""Writes the messages of the demo's tickets, their files, and the outbox rows of what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from accounts.models import Customer, Staff
from core import files
from helpdesk.demo.world import DemoMessage, DemoTicket
from security.redaction import redact, redact_html
from tickets.channels.email import tokens
from tickets.mail_keys import mail_keys
from tickets.models import Attachment, Mailbox, Message, OutboundMail, Ticket
from tickets.services.outbox import REFERENCES

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be stored of a message, and the kinds of secret that were masked in it."""

    text: str
    quoted_text: str
    html: str
    kinds: tuple[str, ...] = ()


@dataclass(slots=True)
class _Mail:
    """One outgoing mail before its message has a primary key."""

    message: Message
    source: DemoMessage
    mailbox: Mailbox
    known: list[str]
    copies: list[str]


def masked(said: DemoMessage) -> Shown:
    """Mask what a customer should not have sent. Only messages that say so hold a secret: a test reads them all."""
    if not said.has_secret:
        return Shown(said.text, said.quoted_text, said.html)
    parts = redact(said.text), redact(said.quoted_text), redact_html(said.html)
    kinds = sorted({str(finding.kind) for part in parts for finding in part.findings})
    return Shown(parts[0].text, parts[1].text, parts[2].text, tuple(kinds))


def write_timelines(
    sources: Sequence[DemoTicket],
    tickets: Sequence[Ticket],
    staff: dict[str, Staff],
    customers: dict[str, Customer],
    mailboxes: dict[str, Mailbox],
) -> tuple[int, int]:
    """Write everything that happened on `tickets`; return how many messages and files."""
    messages: list[Message] = []
    mails: list[_Mail] = []
    with_files: list[tuple[Message, DemoMessage]] = []
    for source, ticket in zip(sources, tickets, strict=True):
        timeline = _Timeline(source, ticket, staff, customers[source.requester], mailboxes[source.mailbox])
        for said in source.messages:
            row = timeline.add(said)
            messages.append(row)
            if said.files:
                with_files.append((row, said))
        mails += timeline.mails
    Message.objects.bulk_create(messages, batch_size=_BATCH)
    OutboundMail.objects.bulk_create([_outbound(mail) for mail in mails], batch_size=_BATCH)
    attachments = [row for message, said in with_files for row in _attachments(message, said)]
    Attachment.objects.bulk_create(attachments, batch_size=_BATCH)
    return len(messages), len(attachments)


class _Timeline:
    """One ticket's messages, numbered as the product numbers them."""

    def __init__(
        self, source: DemoTicket, ticket: Ticket, staff: dict[str, Staff], requester: Customer, mailbox: Mailbox
    ) -> None:
        self.source = source
        self.ticket = ticket
        self.staff = staff
        self.requester = requester
        self.mailbox = mailbox
        self.random = Random(f"{source.requester}/{source.created_at.isoformat()}")
        self.known: list[str] = []
        self.mails: list[_Mail] = []
        self.seq = 0
        self.public_seq = 0

    def add(self, said: DemoMessage) -> Message:
        """Return the row of one message; secrets are masked here, before anything is stored."""
        self.seq += 1
        self.public_seq += said.is_public
        shown = masked(said)
        person = self.staff.get(said.staff)
        row = Message(
            ticket=self.ticket,
            seq=self.seq,
            public_seq=self.public_seq if said.is_public else None,
            kind=said.kind,
            direction=said.direction,
            channel="api" if said.kind == "event" else said.channel,
            staff=person,
            customer=self.requester if said.role == "requester" else None,
            sender_role=said.role,
            sender_name=said.sender_name or (person.name if person and said.kind != "event" else ""),
            sender_address=said.sender_address,
            is_sender_proven=bool(said.proof) or (person is not None and said.kind != "event"),
            proof=said.proof or ("session" if person and said.kind != "event" else ""),
            is_automatic=said.is_automatic,
            text=shown.text,
            quoted_text=shown.quoted_text,
            html=shown.html,
            language=self.source.language if said.kind == "reply" else "",
            redactions=list(shown.kinds),
            event=said.event,
            event_data=self._event_data(said),
            created_at=said.at,
        )
        if said.kind == "reply" and "@" in self.ticket.requester_address and said.channel == "email":
            self._thread(row, said)
        return row

    def _event_data(self, said: DemoMessage) -> dict[str, str]:
        data = dict(said.event_data)
        if said.event == "assignee_changed":
            data["to"] = self.staff[data["to"]].public_id
        return data

    def _thread(self, row: Message, said: DemoMessage) -> None:
        """Give the mail its Message-ID and what it answers; an outgoing one owes an outbox row."""
        if said.direction == "out":
            identity = tokens.message_id(self.mailbox.domain, row.public_id, self.ticket.public_id, mail_keys())
            copies = [one.address for one in self.source.participants if one.role == "cc" and one.is_proven]
            self.mails.append(_Mail(row, said, self.mailbox, list(self.known), copies))
        else:
            domain = said.sender_address.rpartition("@")[2]
            identity = f"<{self.random.randbytes(12).hex()}@{domain}>"
            row.in_reply_to_header = self.known[-1] if self.known else ""
        row.message_id_header = identity
        if said.is_public:
            self.known.append(identity)


def _outbound(mail: _Mail) -> OutboundMail:
    """Return the outbox row in its end state, reported: nothing is left for a worker to do."""
    delivery = mail.source.delivery
    state = delivery.state if delivery else OutboundMail.State.SENT
    at = mail.source.at
    return OutboundMail(
        message=mail.message,
        mailbox=mail.mailbox,
        to_address=mail.message.ticket.requester_address,
        cc_addresses=mail.copies,
        message_id_header=mail.message.message_id_header,
        in_reply_to_header=mail.known[-1] if mail.known else "",
        references_header=" ".join(mail.known[-REFERENCES:]),
        includes_history=mail.message.ticket.is_requester_proven,
        state=state,
        attempts=5 if state == "failed" else 1,
        detail=delivery.detail if delivery else "",
        last_error=delivery.detail if delivery and state == "failed" else "",
        is_reported=True,
        created_at=at,
        next_attempt_at=at,
        sent_at=None if state == "failed" else at,
    )


def _attachments(message: Message, said: DemoMessage) -> list[Attachment]:
    return [
        Attachment(
            message=message,
            file=files.store(one.content, name=one.name),
            content_id=one.content_id,
            is_inline=bool(one.content_id),
            position=position,
        )
        for position, one in enumerate(said.files)
    ]
