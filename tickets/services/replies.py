"""Replies and notes: the same function for mail, chat, dashboard and API."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts.models import Staff
from core import audit, files
from core.clock import DatabaseNow
from security.redaction import redact, redact_har, redact_html
from tickets import effects
from tickets.models import Attachment, Draft, Message, OutboundMail, Ticket, Upload
from tickets.models.ticket import ACTIVE, LEGAL_MOVES, Status
from tickets.services import errors, outbox, status, timeline
from tickets.services.senders import NewFile, Sender

REOPENED_BY_ANSWER = (Status.PENDING, Status.ON_HOLD, Status.RESOLVED)
AUTHORITATIVE = (Message.SenderRole.REQUESTER, Message.SenderRole.PARTICIPANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said, before redaction, with the mail headers it came under and the writer's own key for it."""

    text: str
    html: str = ""
    quoted_text: str = ""
    language: str = ""
    is_automatic: bool = False
    message_id_header: str = ""
    in_reply_to_header: str = ""
    client_key: str = ""


def add(
    *,
    ticket: Ticket,
    sender: Sender,
    channel: str,
    words: Words,
    attached: Sequence[NewFile | Upload] = (),
    seen_public_seq: int | None = None,
    then_status: str | None = None,
) -> Message:
    """Add a public reply to `ticket` and, from our side on a case reached by mail, owe the customer that mail.

    The same `words.client_key` again returns the first message. `seen_public_seq` is the last public
    message the writer had on screen. `then_status` moves the case in the same transaction.

    Raises StaleReply, CaseClosed, EmptyMessage, TooManyFiles, IllegalMove, TopicNeeded.
    """
    _check_size(words.text, attached)
    with transaction.atomic():
        locked = timeline.lock(ticket)
        known = _known(locked, words.client_key)
        if known is not None:
            return known
        if locked.status == Status.CLOSED:
            raise errors.CaseClosed
        _refuse_stale(locked, seen_public_seq)
        return add_locked(
            ticket=locked, sender=sender, channel=channel, words=words, attached=attached, then_status=then_status
        )


def add_locked(
    *,
    ticket: Ticket,
    sender: Sender,
    channel: str,
    words: Words,
    attached: Sequence[NewFile | Upload] = (),
    then_status: str | None = None,
) -> Message:
    """Write the reply on a ticket that this transaction has locked or just created."""
    _check_size(words.text, attached)
    message = _row(sender, channel, words)
    mailbox = outbox.mailbox_of(ticket) if message.direction == Message.Direction.OUT else None
    if mailbox is not None:
        message.message_id_header = outbox.message_id(mailbox, ticket, message)
    timeline.append(ticket, message, is_public=sender.role != Message.SenderRole.THIRD_PARTY)
    _attach(message, attached)
    _follow_up(ticket, sender, words, then_status)
    if mailbox is not None:
        outbox.owe(ticket=ticket, message=message, mailbox=mailbox)
    if sender.staff is not None:
        Draft.objects.filter(ticket=ticket, staff=sender.staff, kind=Draft.Kind.REPLY).delete()
    audit.record(
        "message.added",
        actor=sender.actor,
        obj=("ticket", ticket.public_id),
        detail={"seq": message.seq, "kind": "reply", "channel": channel, "proven": sender.is_proven},
    )
    return message


def add_note(
    *, ticket: Ticket, author: Staff, text: str, attached: Sequence[NewFile | Upload] = (), client_key: str = ""
) -> Message:
    """Add an internal note, which customers never see. Raises EmptyMessage, TooManyFiles."""
    _check_size(text, attached)
    with transaction.atomic():
        locked = timeline.lock(ticket)
        known = _known(locked, client_key)
        if known is not None:
            return known
        message = _row(Sender.of_staff(author), "api", Words(text=text, client_key=client_key))
        message.kind = Message.Kind.NOTE
        timeline.append(locked, message, is_public=False)
        _attach(message, attached)
        Draft.objects.filter(ticket=locked, staff=author, kind=Draft.Kind.NOTE).delete()
        audit.record(
            "message.added",
            actor=author.actor,
            obj=("ticket", locked.public_id),
            detail={"seq": message.seq, "kind": "note"},
        )
    return message


def withdraw(*, message: Message, by: Staff) -> str:
    """Take back a reply within the undo window; its place stays as a tombstone.

    Returns the text, which is put back into the author's draft, with the files as uploads again.
    Raises TooLate when the mail is being sent or has been, Refused for another person's reply.
    """
    with transaction.atomic():
        locked = timeline.lock(message.ticket)
        if message.staff_id != by.pk:
            raise errors.Refused
        stopped = OutboundMail.objects.filter(
            message=message, state="queued", attempts=0, lease_token__isnull=True, next_attempt_at__gt=DatabaseNow()
        ).update(state="cancelled")
        if not stopped:
            raise errors.TooLate
        text = message.text
        Message.objects.filter(pk=message.pk).update(withdrawn_at=DatabaseNow(), text="", html="", quoted_text="")
        Draft.objects.update_or_create(
            ticket=locked, staff=by, kind=Draft.Kind.REPLY, defaults={"text": text, "updated_at": DatabaseNow()}
        )
        for attachment in message.attachments.all():
            Upload.objects.create(ticket=locked, staff=by, file_id=attachment.file_id)
        audit.record("message.withdrawn", actor=by.actor, obj=("ticket", locked.public_id), detail={"seq": message.seq})
        effects.message_changed(locked, message)
    return text


def _row(sender: Sender, channel: str, words: Words) -> Message:
    """Build the message, redacted: secrets are masked before anything is stored."""
    text = redact(words.text)
    quoted = redact(words.quoted_text)
    html = redact_html(words.html) if words.html else None
    kinds = {finding.kind for part in (text, quoted, html) if part for finding in part.findings}
    return Message(
        kind=Message.Kind.REPLY,
        direction=Message.Direction.IN if sender.is_customer_side else Message.Direction.OUT,
        channel=channel,
        staff=sender.staff,
        customer=sender.customer,
        sender_role=sender.role,
        sender_name=redact(sender.name).text[:160],
        sender_address=sender.address[:320],
        reply_to_address=sender.reply_to[:320],
        is_sender_proven=sender.is_proven,
        proof=sender.proof,
        is_automatic=words.is_automatic,
        text=text.text,
        quoted_text=quoted.text,
        html=html.text if html else "",
        redactions=sorted(kinds),
        language=words.language,
        client_key=words.client_key,
        message_id_header=words.message_id_header[:998],
        in_reply_to_header=words.in_reply_to_header[:998],
    )


def without_credentials(content: bytes) -> bytes:
    """Return a file's content; a HAR loses its cookies and authorization headers before it is stored."""
    if content.lstrip()[:1] != b"{":
        return content
    return redact_har(content) or content


def _known(ticket: Ticket, client_key: str) -> Message | None:
    return ticket.messages.filter(client_key=client_key).first() if client_key else None


def _refuse_stale(ticket: Ticket, seen_public_seq: int | None) -> None:
    if seen_public_seq is None or seen_public_seq >= ticket.last_public_seq:
        return
    missed = list(ticket.messages.filter(public_seq__gt=seen_public_seq).order_by("seq"))
    if missed:
        raise errors.StaleReply(missed)


def _check_size(text: str, attached: Sequence[NewFile | Upload]) -> None:
    if not text.strip() and not attached:
        raise errors.EmptyMessage
    too_large = any(isinstance(one, NewFile) and len(one.content) > settings.MAX_MAIL_BYTES for one in attached)
    if len(attached) > settings.MAX_FILES_PER_MESSAGE or too_large:
        raise errors.TooManyFiles


def _attach(message: Message, attached: Sequence[NewFile | Upload]) -> None:
    if not attached:
        return
    Attachment.objects.bulk_create(_attachment(message, one, place) for place, one in enumerate(attached))
    used = [one.pk for one in attached if isinstance(one, Upload)]
    if used:
        Upload.objects.filter(pk__in=used).delete()


def _attachment(message: Message, one: NewFile | Upload, place: int) -> Attachment:
    if isinstance(one, Upload):
        return Attachment(message=message, file_id=one.file_id, position=place)
    stored = files.store(without_credentials(one.content), name=redact(one.name).text)
    return Attachment(
        message=message, file=stored, content_id=one.content_id[:250], is_inline=one.is_inline, position=place
    )


def _follow_up(ticket: Ticket, sender: Sender, words: Words, then_status: str | None) -> None:
    """Move the case as the words imply: an answer reopens it, a staff reply takes it into work."""
    if sender.staff is not None:
        if ticket.assignee_id is None and ticket.status in ACTIVE:
            timeline.change(ticket, {"assignee_id": sender.staff.pk})
            timeline.append_event(ticket, "assignee_changed", {"to": sender.staff.public_id}, by=sender.staff)
        target = then_status or (Status.OPEN if ticket.status == Status.NEW else None)
        if target and target != ticket.status:
            status.move_locked(ticket=ticket, to=target, by=sender.staff)
        return
    answers = sender.role in AUTHORITATIVE and not words.is_automatic
    if answers and ticket.status in REOPENED_BY_ANSWER and Status.OPEN in LEGAL_MOVES[ticket.status]:
        status.move_locked(ticket=ticket, to=Status.OPEN, by=None)


def undo_seconds() -> int:
    """Return how long a reply can be taken back."""
    return int(settings.UNDO_SEND_S)
