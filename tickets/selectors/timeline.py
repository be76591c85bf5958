"""A case's messages in the shape the timeline shows."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.masking import masked
from tickets import identity_hints
from tickets.models import Attachment, Message, OutboundMail, SocialPost, Ticket
from tickets.models.channel import Channel
from tickets.selectors import social, wording
from tickets.selectors import timeline_events as events
from tickets.selectors.joined import OtherShown
from tickets.selectors.languages import language_name
from tickets.selectors.people import hue, initials, shown_name
from tickets.selectors.timeline_events import EventShown

PAGE = 50
# One answer of `since`; whoever gets this many asks again with the last seq.
SINCE_MAX = 200
# How long customers may correct or take back what they said in a chat.
CORRECTABLE = timedelta(minutes=5)
MARK = re.compile(r"⟦removed: ([A-Za-z -]+)⟧")
# What a marker's words mean to the template.
MARK_KINDS = {
    "seed phrase": "seed_phrase",
    "card number": "card",
    "authenticator secret": "otpauth",
    "one-time code": "one_time_code",
}
FRAME_SIZES = ((1_500, "s"), (8_000, "m"))
RICH = re.compile(r"<(img|table|ul|ol|h[1-6]|b|strong|em|i|font|blockquote|pre|code)\b", re.IGNORECASE)
PROOF_REASONS = {
    "dkim": gettext_lazy("The mail was signed by the sender's domain (DKIM)."),
    "spf": gettext_lazy("The mail came from a server of the sender's domain (SPF)."),
    "dmarc": gettext_lazy("The mail passed the sender's own policy (DMARC)."),
    "exchange": gettext_lazy("Signed in at the exchange."),
    "staff": gettext_lazy("A member of our staff."),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text; `redaction` names what was removed here, or ''."""

    text: str
    redaction: str = ""


@dataclass(frozen=True, slots=True)
class SenderShown:
    """Who wrote, with contact data masked."""

    name: str
    address: str
    initials: str
    hue: int
    # Where the sender asks answers to go, masked; answers never go there by themselves.
    reply_to: str = ""
    # A program, without the face of a person.
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class FileShown:
    """One attachment; links are made by the door, since they are bound to a session."""

    id: str
    name: str
    content_type: str
    size: int
    is_previewable: bool
    # ok, unscanned, blocked by the scanner, or restricted: an identity document that nobody sees here any more.
    state: str
    reason: str
    is_inline: bool = False
    # Whether it is proposed to be moved into restricted storage.
    looks_like_document: bool = False
    url: str = ""
    preview_url: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryShown:
    """Where the mail of a reply is."""

    state: str
    detail: str
    at: datetime | None
    can_retry: bool


@dataclass(slots=True)
class MessageShown:
    """One entry of the timeline."""

    seq: int
    public_seq: int | None
    public_id: str
    kind: str
    direction: str
    channel: str
    sender: SenderShown
    proof: str
    proof_reason: str
    created_at: datetime
    to: tuple[str, ...]
    cc: tuple[str, ...]
    segments: tuple[Segment, ...]
    quoted: tuple[Segment, ...]
    frame_size: str
    attachments: tuple[FileShown, ...]
    # Pictures inside the formatted text: shown there, and only named here.
    inline_files: tuple[FileShown, ...]
    delivery: DeliveryShown | None
    is_auto_reply: bool
    withdrawn: dict[str, Any] | None
    event: EventShown | None
    language: str
    language_name: str
    is_corrected: bool = False
    # Everybody can read it.
    is_public: bool = False
    html: str = ""
    # What was wrong with what was asked for just now.
    problem: str = ""
    frame: dict[str, str] | None = None
    # The other case that an event is about, for whoever may see it.
    other: OtherShown | None = None

    @property
    def files(self) -> tuple[FileShown, ...]:
        """All of its files that a person may point at."""
        return (*self.attachments, *self.inline_files)

    @property
    def proposed(self) -> tuple[FileShown, ...]:
        """Those that look like identity documents."""
        return tuple(file for file in self.files if file.looks_like_document)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Messages in order; `first_seq` is the first one shown."""

    messages: tuple[MessageShown, ...]
    has_earlier: bool
    first_seq: int


def latest(ticket: Ticket) -> TimelinePage:
    """Return the newest page."""
    return _page(ticket, list(_rows(ticket).order_by("-seq")[: PAGE + 1]))


def before(ticket: Ticket, seq: int) -> TimelinePage:
    """Return the page that ends before `seq`."""
    return _page(ticket, list(_rows(ticket).filter(seq__lt=seq).order_by("-seq")[: PAGE + 1]))


def since(ticket: Ticket, seq: int) -> tuple[MessageShown, ...]:
    """Return the first SINCE_MAX after `seq`, oldest first."""
    return _shown(ticket, list(_rows(ticket).filter(seq__gt=seq).order_by("seq")[:SINCE_MAX]))


def only(ticket: Ticket, seq: int) -> tuple[MessageShown, ...]:
    """Return one message."""
    return _shown(ticket, list(_rows(ticket).filter(seq=seq)))


def chosen(ticket: Ticket, seqs: Collection[int]) -> tuple[MessageShown, ...]:
    """Return what was said in these messages, oldest first; events are left out."""
    said = _rows(ticket).filter(seq__in=list(seqs)[:SINCE_MAX]).exclude(kind=Message.Kind.EVENT)
    return _shown(ticket, list(said.order_by("seq")))


def segments(text: str) -> tuple[Segment, ...]:
    """Split a stored text at its redaction marks."""
    found: list[Segment] = []
    end = 0
    for mark in MARK.finditer(text):
        if mark.start() > end:
            found.append(Segment(text[end : mark.start()]))
        kind = mark[1].strip()
        found.append(Segment(mark[0], MARK_KINDS.get(kind, "private_key" if "key" in kind else "credentials")))
        end = mark.end()
    if end < len(text):
        found.append(Segment(text[end:]))
    return tuple(found)


def _rows(ticket: Ticket) -> QuerySet[Message]:
    return (
        Message.objects.filter(ticket=ticket)
        .select_related("staff", "customer", "outbound", "social_post")
        .prefetch_related("attachments__file", "attachments__restricted_by")
    )


def _page(ticket: Ticket, newest_first: list[Message]) -> TimelinePage:
    shown = newest_first[:PAGE][::-1]
    return TimelinePage(_shown(ticket, shown), len(newest_first) > PAGE, shown[0].seq if shown else 1)


def _shown(ticket: Ticket, messages: list[Message]) -> tuple[MessageShown, ...]:
    names = events.names_in(messages)
    rows = tuple(_message(ticket, message, names) for message in messages)
    way = social.way(ticket)
    for row in rows if way else ():
        if way and row.direction == Message.Direction.OUT and row.kind == Message.Kind.REPLY:
            row.to, row.is_public = (way.name,), way.is_public
    corrected = corrected_in(ticket)
    for row in rows if corrected else ():
        row.is_corrected = row.seq in corrected
    return rows


def corrected_in(ticket: Ticket) -> frozenset[int]:
    """Return the `seq` of messages that their writer has corrected: of chats and social channels, by one statement."""
    if ticket.channel not in {Channel.CHAT, Channel.SOCIAL}:
        return frozenset()
    events = Message.objects.filter(ticket=ticket, event="message_corrected")
    return frozenset(events.values_list("event_data__seq", flat=True))


def _message(ticket: Ticket, message: Message, names: dict[str, str]) -> MessageShown:
    outbound: OutboundMail | None = getattr(message, "outbound", None)
    post: SocialPost | None = getattr(message, "social_post", None)
    shown = [_file(row, ticket.subject, message) for row in message.attachments.all()]
    withdrawn = {"by": message.staff.name if message.staff else "", "at": message.withdrawn_at}
    return MessageShown(
        seq=message.seq,
        public_seq=message.public_seq,
        public_id=message.public_id,
        kind=message.kind,
        direction=message.direction,
        channel=message.channel,
        sender=_sender(message),
        proof=_proof(message),
        proof_reason=_proof_reason(message),
        created_at=message.created_at,
        to=(masked("email", outbound.to_address),) if outbound else (),
        cc=tuple(
            masked("email", address) for address in (outbound.cc_addresses if outbound else message.copied_addresses)
        ),
        segments=segments(message.text),
        quoted=segments(message.quoted_text),
        frame_size=_frame_size(message),
        attachments=tuple(file for file in shown if not file.is_inline),
        inline_files=tuple(file for file in shown if file.is_inline and file.size >= identity_hints.LOGO_BYTES),
        delivery=_delivery(outbound) if outbound or not post else _delivery(post),
        is_auto_reply=message.is_automatic and message.direction == Message.Direction.IN,
        withdrawn=withdrawn if message.withdrawn_at else None,
        event=events.shown(message, names) if message.kind == Message.Kind.EVENT else None,
        language=message.language,
        language_name=language_name(message.language),
        html=message.html,
    )


def _sender(message: Message) -> SenderShown:
    if message.staff is not None:
        return SenderShown(message.staff.name, "", message.staff.initials, hue(message.staff.public_id))
    if message.sender_role == Message.SenderRole.SYSTEM:
        return SenderShown("Pharos", "", "P", 0)
    if message.sender_role == Message.SenderRole.BOT:
        return SenderShown(message.sender_name, "", "", 0, is_bot=True)
    address = message.sender_address
    kind = "email" if "@" in address else "handle" if message.channel == Channel.SOCIAL else "phone"
    shown = masked(kind, address) if address else ""
    name = shown_name(message.sender_name) or shown or _("Unknown")
    reply_to = masked("email", message.reply_to_address) if message.reply_to_address else ""
    return SenderShown(name, shown, initials(name), hue(address or name), reply_to)


def _proof(message: Message) -> str:
    if message.sender_role in {Message.SenderRole.STAFF, Message.SenderRole.SYSTEM}:
        return "staff"
    if message.sender_role == Message.SenderRole.BOT:
        return "bot"
    if message.sender_role == Message.SenderRole.THIRD_PARTY:
        return "third_party"
    return "proven" if message.is_sender_proven else "unproven"


def _proof_reason(message: Message) -> str:
    """Return in a sentence how the sender is known; of a chat there is no address that could be anybody's."""
    if message.channel == Channel.CHAT and _proof(message) == "unproven":
        return _("Nobody has said who this visitor is. Do not share account details.")
    return str(PROOF_REASONS.get(message.proof, ""))


def _frame_size(message: Message) -> str:
    """Return how tall the HTML frame starts, or '' when plain text says it all."""
    if not message.html or not RICH.search(message.html):
        return ""
    return next((size for limit, size in FRAME_SIZES if len(message.html) < limit), "l")


def _file(row: Attachment, subject: str, message: Message) -> FileShown:
    file = row.kept_file
    if file is None:
        return FileShown(row.public_id, "", "", 0, is_previewable=False, state="restricted", reason=_moved_by(row))
    blocked = file.scan == "infected"
    is_proposed = message.direction == Message.Direction.IN and identity_hints.looks_like_one(
        name=file.name, content_type=file.content_type, size=file.size, is_inline=row.is_inline, subject=subject
    )
    return FileShown(
        id=row.public_id,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        is_previewable=file.is_previewable and not blocked,
        state="blocked" if blocked else "ok" if file.scan == "clean" else "unscanned",
        reason=_("The malware scanner refused this file.") if blocked else "",
        is_inline=row.is_inline and bool(message.html),
        looks_like_document=is_proposed,
    )


def _moved_by(row: Attachment) -> str:
    if row.restricted_by is None:
        return _("moved to restricted storage by itself: a manual review is open")
    return _("moved to restricted storage by %(name)s") % {"name": row.restricted_by.name}


def _delivery(outbound: OutboundMail | SocialPost | None) -> DeliveryShown | None:
    if outbound is None or outbound.state == OutboundMail.State.CANCELLED:
        return None
    is_automatic = isinstance(outbound, OutboundMail) and outbound.is_automatic
    waits_for_undo = outbound.state == "queued" and not outbound.attempts and not is_automatic
    state = "held" if waits_for_undo else outbound.state
    at = outbound.sent_at or outbound.next_attempt_at
    if isinstance(outbound, SocialPost) and state == SocialPost.State.SENT:
        state = "read" if outbound.read_at else "delivered" if outbound.delivered_at else state
        at = outbound.read_at or outbound.delivered_at or at
    return DeliveryShown(
        state=state,
        detail=wording.outcome(outbound.detail or outbound.last_error),
        at=at,
        can_retry=outbound.state in {"failed", "bounced"},
    )
