"""Replies and notes: the same function for mail, chat, dashboard and API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Concat

from accounts.models import Staff
from core import audit, files, writes
from core.clock import DatabaseNow
from core.storable_text import storable
from security import outbound_guard
from security.redaction import redact, redact_file, redact_html
from tickets import effects
from tickets.models import Attachment, Draft, Message, OutboundMail, SocialPost, Ticket, Upload
from tickets.models.channel import Channel
from tickets.models.snooze import WokenBy
from tickets.models.ticket import ACTIVE, LEGAL_MOVES, Status
from tickets.services import (
    errors,
    identity_documents,
    outbox,
    public_replies,
    sla_clocks,
    snoozes,
    social_outbox,
    status,
    timeline,
)
from tickets.services.senders import NewFile, Sender

REOPENED_BY_ANSWER = (Status.PENDING, Status.ON_HOLD, Status.RESOLVED)
# A draft that an undo brings back is numbered above what any open tab can have saved: no older text passes for it.
SAVES_PER_REPLY = 10_000
# What upper floors owe the customer of a chat for an answer of ours: called in the transaction that writes it.
chat_answered: list[Callable[[Ticket], object]] = []
# Told of each reply, and of each note, on a ticket, which is locked; filled by the app's configuration.
replied: list[Callable[[Ticket, Message], object]] = []
noted: list[Callable[[Ticket, Message], object]] = []
GUARDED = (Message.SenderRole.STAFF, Message.SenderRole.BOT)
AUTHORITATIVE = (Message.SenderRole.REQUESTER, Message.SenderRole.PARTICIPANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said, before redaction, with the mail headers it came under and the writer's own key for it."""

    text: str
    html: str = ""
    quoted_text: str = ""
    language: str = ""
    copied: tuple[str, ...] = ()
    is_automatic: bool = False
    message_id_header: str = ""
    in_reply_to_header: str = ""
    client_key: str = ""
    # The approved text of a social channel that they are.
    chosen: social_outbox.Chosen | None = None


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

    Raises StaleReply, CaseClosed, EmptyMessage, NotToBeSent, NotInPublic, TooManyFiles, TooLarge, FilesVanished,
    IllegalMove, TopicNeeded, WindowOver, WantsNoMessages, NoFilesThere.
    """
    _check_size(words.text, attached, is_ours=not sender.is_customer_side)
    with timeline.locked(ticket) as locked:
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
    event: Message | None = None,
) -> Message:
    """Write the reply, and an `event` that belongs to it, on a ticket that is locked here or not written yet."""
    _check_size(words.text, attached, is_ours=not sender.is_customer_side)
    check_outgoing(ticket=ticket, sender=sender, text=f"{words.text}\n{words.html}")
    public_replies.check(ticket=ticket, sender=sender, text=f"{words.text}\n{words.html}", attached=attached)
    message = _row(sender, channel, words)
    mailbox = outbox.mailbox_of(ticket) if message.direction == Message.Direction.OUT else None
    if sender.staff is not None and mailbox is None and words.chosen is None:
        social_outbox.check_way(ticket, has_files=bool(attached))
    if mailbox is not None:
        message.message_id_header = outbox.message_id(mailbox, ticket, message)
    waits = sla_clocks.hear(ticket=ticket, sender=sender, is_automatic=words.is_automatic)
    is_public = sender.role != Message.SenderRole.THIRD_PARTY
    timeline.append(ticket, message, is_public=is_public, event=event, also=waits)
    sla_clocks.answer(ticket=ticket, message=message)
    if sender.is_customer_side and not words.is_automatic:
        snoozes.wake_locked(ticket=ticket, why=WokenBy.CUSTOMER)
    _attach(message, attached)
    _follow_up(ticket, sender, words, then_status)
    if mailbox is not None:
        outbox.owe(ticket=ticket, message=message, mailbox=mailbox)
    elif message.direction == Message.Direction.OUT:
        social_outbox.owe(ticket=ticket, message=message, chosen=words.chosen)
    if message.direction == Message.Direction.OUT and ticket.channel == Channel.CHAT and ticket.pk:
        for owe in chat_answered:
            owe(ticket)
    for hear in replied:
        hear(ticket, message)
    if sender.staff is not None:
        Draft.objects.filter(ticket=ticket, staff=sender.staff, kind=Draft.Kind.REPLY).delete()
    audit.record(
        "message.added",
        actor=sender.actor,
        obj=("ticket", ticket.public_id),
        detail={"seq": message.seq, "kind": "reply", "channel": channel, "proven": sender.is_proven},
    )
    return message


def attach_to(*, ticket: Ticket, message: Message, attached: Sequence[NewFile], text: str) -> None:
    """Put more files beside those of a customer's `message`, as an album brings them, on a ticket that is locked here.

    A `text` that comes with them follows the message's own.
    """
    already = message.attachments.count()
    rows = [_attachment(message, one, already + place) for place, one in enumerate(attached)]
    writes.insert(rows)
    effects.documents_marked([row for row in rows if row.restricted_at is not None])
    said = redact(storable(text))
    if said.text.strip():
        kinds = {*message.redactions, *(finding.kind for finding in said.findings)}
        whole = f"{message.text}\n\n{said.text}".strip()
        Message.objects.filter(pk=message.pk).update(text=whole, redactions=sorted(kinds))
        timeline.retell_last(ticket)
    audit.record(
        "message.added_to",
        actor=message.customer.actor if message.customer else audit.SYSTEM,
        obj=("ticket", ticket.public_id),
        detail={"seq": message.seq, "files": len(rows)},
    )
    effects.message_changed(ticket, message)


def add_note(
    *, ticket: Ticket, author: Staff, text: str, attached: Sequence[NewFile | Upload] = (), client_key: str = ""
) -> Message:
    """Add an internal note, which customers never see. Raises EmptyMessage, TooManyFiles, TooLarge, FilesVanished."""
    _check_size(text, attached, is_ours=True)
    with transaction.atomic():
        locked = timeline.lock(ticket)
        known = _known(locked, client_key)
        if known is not None:
            return known
        message = _note(locked, Sender.of_staff(author), Words(text=text, client_key=client_key))
        _attach(message, attached)
        for hear in noted:
            hear(locked, message)
        Draft.objects.filter(ticket=locked, staff=author, kind=Draft.Kind.NOTE).delete()
        audit.record(
            "message.added",
            actor=author.actor,
            obj=("ticket", locked.public_id),
            detail={"seq": message.seq, "kind": "note"},
        )
    return message


def add_note_locked(*, ticket: Ticket, author: Staff, text: str, event: Message | None = None) -> Message:
    """Add an internal note, with the event that belongs to it, on a ticket that is locked here. Drafts stay."""
    message = _row(Sender.of_staff(author), Channel.API, Words(text=text))
    message.kind = Message.Kind.NOTE
    timeline.append(ticket, message, is_public=False, event=event)
    for hear in noted:
        hear(ticket, message)
    audit.record(
        "message.added",
        actor=author.actor,
        obj=("ticket", ticket.public_id),
        detail={"seq": message.seq, "kind": "note"},
    )
    return message


def add_bot_note(*, ticket: Ticket, bot: str, text: str) -> Message:
    """Add what a bot tells staff, on a ticket that is locked here: a note like any other, under the bot's name."""
    message = _note(ticket, Sender.of_bot(bot), Words(text=text))
    audit.record(
        "message.added",
        actor=audit.SYSTEM,
        obj=("ticket", ticket.public_id),
        detail={"seq": message.seq, "kind": "note", "role": message.sender_role},
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
        if not any(_is_stopped(row, message) for row in (OutboundMail, SocialPost)):
            raise errors.TooLate
        text = message.text
        Message.objects.filter(pk=message.pk).update(withdrawn_at=DatabaseNow(), text="", html="", quoted_text="")
        _give_back(message, text, by)
        timeline.retell_last(locked)
        sla_clocks.take_back(ticket=locked, seq=message.seq)
        timeline.append_event(locked, "reply_withdrawn", {"seq": message.seq}, by=by)
        audit.record("message.withdrawn", actor=by.actor, obj=("ticket", locked.public_id), detail={"seq": message.seq})
        effects.message_changed(locked, message)
    return text


def _is_stopped(row: type[OutboundMail | SocialPost], message: Message) -> bool:
    """Cancel what would carry the message away, if nobody has begun to send it."""
    waiting = row._base_manager.filter(
        message=message, state="queued", attempts=0, lease_token__isnull=True, next_attempt_at__gt=DatabaseNow()
    )
    return bool(waiting.update(state="cancelled"))


def _note(ticket: Ticket, sender: Sender, words: Words) -> Message:
    message = _row(sender, Channel.API, words)
    message.kind = Message.Kind.NOTE
    return timeline.append(ticket, message, is_public=False)


def check_outgoing(*, ticket: Ticket, sender: Sender, text: str) -> None:
    """Hold back what must not leave in our name, whoever wrote it; that somebody tried is recorded.

    Raises NotToBeSent.
    """
    if sender.role not in GUARDED:
        return
    found = outbound_guard.dangers(text)
    if found:
        why: dict[str, audit.Detail] = {"dangers": ",".join(sorted(found)), "role": sender.role}
        audit.record_now("message.held_back", actor=sender.actor, obj=("ticket", ticket.public_id), detail=why)
        raise errors.NotToBeSent(found)


def _row(sender: Sender, channel: str, words: Words) -> Message:
    """Build the message, redacted: secrets are masked before anything is stored."""
    text = redact(storable(words.text))
    quoted = redact(storable(words.quoted_text))
    html = redact_html(storable(words.html)) if words.html else None
    kinds = {finding.kind for part in (text, quoted, html) if part for finding in part.findings}
    return Message(
        kind=Message.Kind.REPLY,
        direction=Message.Direction.IN if sender.is_customer_side else Message.Direction.OUT,
        channel=channel,
        staff=sender.staff,
        customer=sender.customer,
        sender_role=sender.role,
        sender_name=redact(storable(sender.name)).text[:160],
        sender_address=sender.address[:320],
        reply_to_address=sender.reply_to[:320],
        is_sender_proven=sender.is_proven,
        proof=sender.proof,
        copied_addresses=[address[:320] for address in words.copied],
        is_automatic=words.is_automatic,
        text=text.text,
        quoted_text=quoted.text,
        html=html.text if html else "",
        redactions=sorted(kinds),
        language=words.language,
        client_key=storable(words.client_key),
        message_id_header=words.message_id_header[:998],
        in_reply_to_header=words.in_reply_to_header[:998],
    )


def _give_back(message: Message, text: str, by: Staff) -> None:
    """Put a withdrawn text before what its author has written since, and its files back into the composer."""
    mine = {"ticket_id": message.ticket_id, "staff": by, "kind": Draft.Kind.REPLY}
    start = {"text": text, "version": message.seq * SAVES_PER_REPLY}
    _draft, is_new = Draft.objects.get_or_create(**mine, defaults=start)
    if not is_new:
        both = Case(
            When(text="", then=Value(text, TextField())), default=Concat(Value(f"{text}\n\n", TextField()), F("text"))
        )
        Draft.objects.filter(**mine).update(text=both, version=F("version") + 1, updated_at=DatabaseNow())
    Upload.objects.bulk_create(
        Upload(ticket_id=message.ticket_id, staff=by, kind=Upload.Kind.REPLY, file=attachment.stored)
        for attachment in message.attachments.kept()
    )


def _known(ticket: Ticket, client_key: str) -> Message | None:
    client_key = storable(client_key)
    return ticket.messages.filter(client_key=client_key).first() if client_key else None


def _refuse_stale(ticket: Ticket, seen_public_seq: int | None) -> None:
    if seen_public_seq is None or seen_public_seq >= ticket.last_public_seq:
        return
    missed = list(ticket.messages.filter(public_seq__gt=seen_public_seq).order_by("seq"))
    if missed:
        raise errors.StaleReply(missed)


def _check_size(text: str, attached: Sequence[NewFile | Upload], *, is_ours: bool) -> None:
    """Refuse what says nothing or is too much. A customer's mail has been measured whole at the door."""
    if not text.strip() and not attached:
        raise errors.EmptyMessage
    sizes = [len(one.content) if isinstance(one, NewFile) else one.file.size for one in attached]
    if len(sizes) > settings.MAX_FILES_PER_MESSAGE or any(size > settings.MAX_MAIL_BYTES for size in sizes):
        raise errors.TooManyFiles
    if is_ours and sum(sizes) > settings.MAX_MESSAGE_BYTES:
        raise errors.TooLarge


def _attach(message: Message, attached: Sequence[NewFile | Upload]) -> None:
    if not attached:
        return
    waiting = [one.pk for one in attached if isinstance(one, Upload)]
    if waiting:
        _claim(message, waiting)
    rows = [_attachment(message, one, place) for place, one in enumerate(attached)]
    writes.insert(rows)
    effects.documents_marked([row for row in rows if row.restricted_at is not None])


def _claim(message: Message, waiting: list[int]) -> None:
    """Take the uploads out of the composer they were put into; one that is gone or of the other kind is refused.

    The deletion locks the rows, so of two messages at once only one gets them.
    """
    mine = Upload.objects.filter(ticket=message.ticket_id, staff=message.staff_id, kind=message.kind)
    if mine.filter(pk__in=waiting).delete()[0] != len(waiting):
        raise errors.FilesVanished


def _attachment(message: Message, one: NewFile | Upload, place: int) -> Attachment:
    if isinstance(one, Upload):
        return Attachment(message=message, file_id=one.file_id, position=place)
    stored = files.store(redact_file(one.content, one.name), name=redact(storable(one.name)).text)
    is_document = identity_documents.is_moved_by_itself(message=message, file=stored, is_inline=one.is_inline)
    return Attachment(
        message=message,
        file=stored,
        content_id=one.content_id[:250],
        is_inline=one.is_inline,
        position=place,
        restricted_at=DatabaseNow() if is_document else None,
    )


def _follow_up(ticket: Ticket, sender: Sender, words: Words, then_status: str | None) -> None:
    """Move the case as the words imply: an answer reopens it, a staff reply takes it into work."""
    if sender.staff is not None:
        if ticket.assignee_id is None and ticket.status in ACTIVE:
            timeline.change(ticket, {"assignee_id": sender.staff.pk})
            timeline.append_event(ticket, "assignee_changed", {"to": sender.staff.public_id}, by=sender.staff)
            obj = ("ticket", ticket.public_id)
            audit.record("ticket.assignee_changed", actor=sender.actor, obj=obj, fields=["assignee"])
        target = then_status or (Status.OPEN if ticket.status == Status.NEW else None)
        if target and target != ticket.status:
            status.move_locked(ticket=ticket, to=target, by=sender.staff)
        return
    if sender.role in AUTHORITATIVE and not words.is_automatic:
        reopen(ticket)


def reopen(ticket: Ticket) -> None:
    """Take a locked case into work again that waited for an answer, or was done; others stay as they are."""
    if ticket.status in REOPENED_BY_ANSWER and Status.OPEN in LEGAL_MOVES[ticket.status]:
        status.move_locked(ticket=ticket, to=Status.OPEN, by=None)


def undo_seconds() -> int:
    """Return how long a reply can be taken back."""
    return int(settings.UNDO_SEND_S)
