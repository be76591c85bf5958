"""What a customer sees of their own requests: public messages by their public numbers, and no hint at more."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import Customer, CustomerAddress
from core.clock import DatabaseNow
from tickets.models import Attachment, Message, SlaClock, Ticket, Topic
from tickets.models.ticket import ACTIVE, DONE, Status
from tickets.selectors import custom_fields, escalations
from tickets.selectors.cases import Named, topics
from tickets.selectors.custom_fields import FieldShown
from tickets.selectors.timeline import Segment, segments
from tickets.sla.vocabulary import Metric

PAGE = 20
MESSAGES = 50
LINE = 160
OPEN_ALREADY = 3


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One line of "my requests"."""

    id: str
    number: int
    subject: str
    status: str
    stage: str
    line: str
    is_ours: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """Some requests, the newest first; `next` continues after them, or is empty."""

    rows: tuple[RequestRow, ...]
    next: str


@dataclass(frozen=True, slots=True)
class FileShown:
    """One file of a message."""

    id: str
    name: str
    size: int
    is_blocked: bool
    # Taken for an identity document: its place is all there is to see.
    is_restricted: bool = False


@dataclass(frozen=True, slots=True)
class MessageShown:
    """One public message, or the place of one that was taken back."""

    public_seq: int
    is_mine: bool
    name: str
    at: datetime
    segments: tuple[Segment, ...]
    files: tuple[FileShown, ...]
    is_withdrawn: bool
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class RequestShown:
    """One request: where it stands, and some of its messages, oldest first; `earlier` leads before them, or is 0."""

    id: str
    number: int
    subject: str
    status: str
    stage: str
    waits_for: str
    topic: str
    opened_at: datetime
    is_closed: bool
    last_public_seq: int
    messages: tuple[MessageShown, ...]
    earlier: int
    # By when we have promised to write again; None while nothing is promised or it is paused, and once it is missed.
    promised: datetime | None = None
    # The customer's own request in which a merged one goes on.
    continued_in: Ticket | None = None
    # Custom fields that the customer may read.
    fields: tuple[FieldShown, ...] = ()


def of_customer(customer: Customer) -> QuerySet[Ticket]:
    """Return the requests of one customer: those they have opened themselves, and no other."""
    return Ticket.objects.filter(requester=customer)


def open_already(customer: Customer, topic: Topic | None = None) -> tuple[Ticket, ...]:
    """Return up to three requests of theirs that are still open, about `topic` if one is given; the newest first."""
    found = of_customer(customer).filter(status__in=ACTIVE, is_spam=False)
    if topic is not None:
        found = found.filter(topic=topic)
    return tuple(found.order_by("-pk")[:OPEN_ALREADY])


def find(customer: Customer, public_id: str) -> Ticket | None:
    """Return one request of theirs, whether it `was_escalated` lately, by when an update is `promised` (or None)."""
    # One that is paused is not due.
    running = SlaClock.objects.open().filter(metric=Metric.UPDATE_EVERY, due_at__gt=DatabaseNow())
    found = (
        of_customer(customer)
        .select_related("topic__parent")
        .annotate(
            was_escalated=escalations.lately(),
            promised=Subquery(running.filter(ticket=OuterRef("pk")).values("due_at")[:1]),
        )
    )
    return found.filter(public_id=public_id).first()


def may_escalate(ticket: Ticket) -> bool:
    """Whether the customer of a request that `find` returned may escalate it now."""
    is_open = ticket.status not in DONE and not ticket.is_spam
    return is_open and not ticket.was_escalated  # type: ignore[attr-defined]


def requests_page(customer: Customer, *, after: str = "") -> RequestsPage:
    """Return the next requests after the one called `after`, by two statements at most."""
    last = Message.objects.filter(ticket=OuterRef("pk"), public_seq=OuterRef("last_public_seq"))
    found = of_customer(customer).annotate(
        said=Subquery(last.values("text")[:1]),
        said_at=Subquery(last.values("created_at")[:1]),
        said_by=Subquery(last.values("direction")[:1]),
    )
    if after:
        # An unknown name continues nowhere.
        place = of_customer(customer).filter(public_id=after).values_list("pk", flat=True).first()
        found = found.filter(pk__lt=place or 0)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    shown = tuple(_row(ticket) for ticket in rows[:PAGE])
    return RequestsPage(shown, shown[-1].id if len(rows) > PAGE else "")


def request_shown(ticket: Ticket, *, before: int = 0) -> RequestShown:
    """Return a request with its newest public messages, or those before the public number `before`."""
    public = public_messages(ticket)
    continued_in = _continued_in(ticket)
    newest = list((public.filter(public_seq__lt=before) if before else public).order_by("-public_seq")[: MESSAGES + 1])
    page = newest[:MESSAGES][::-1]
    return RequestShown(
        id=ticket.public_id,
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        stage=stage(ticket.status),
        waits_for=_("It goes on in another request of yours.") if continued_in else waits_for(ticket.status),
        topic=ticket.topic.name if ticket.topic else "",
        opened_at=ticket.created_at,
        is_closed=ticket.status == Status.CLOSED,
        last_public_seq=ticket.last_public_seq,
        messages=tuple(_message(message) for message in page),
        earlier=page[0].public_seq or 0 if len(newest) > MESSAGES else 0,
        promised=getattr(ticket, "promised", None),
        continued_in=continued_in,
        fields=tuple(custom_fields.public_of(ticket)),
    )


def _continued_in(ticket: Ticket) -> Ticket | None:
    """Return where a merged request goes on, if that is the same customer's; of another's nothing is told."""
    found: Ticket | None = ticket
    while found is not None and found.merged_into_id is not None:
        found = of_customer(ticket.requester).filter(pk=found.merged_into_id).first()
    return found if found is not None and found.pk != ticket.pk else None


def proven_address(customer: Customer) -> str:
    """Return where mail to this customer goes: the newest address that is proven to be theirs, or nothing."""
    mine = CustomerAddress.objects.filter(customer=customer, kind=CustomerAddress.Kind.EMAIL)
    proven = mine.exclude(proof=CustomerAddress.Proof.CLAIMED).order_by("is_bouncing", "-pk")
    return proven.values_list("value", flat=True).first() or ""


def public_messages(ticket: Ticket) -> QuerySet[Message]:
    """Return what the customer may see of a request; notes and events have no public number."""
    found = Message.objects.filter(ticket=ticket, public_seq__isnull=False)
    return found.select_related("staff").prefetch_related("attachments__file")


def attachment(ticket: Ticket, public_id: str) -> Attachment | None:
    """Return a file of a public message that still stands."""
    found = Attachment.objects.kept().filter(
        message__ticket=ticket, message__public_seq__isnull=False, public_id=public_id
    )
    return found.filter(message__withdrawn_at__isnull=True).exclude(file__scan="infected").first()


def attachment_of(customer: Customer, public_id: str) -> Attachment | None:
    """Return the same by the file's own name, in whichever of the customer's requests it is."""
    found = Attachment.objects.kept().filter(
        message__ticket__requester=customer, message__public_seq__isnull=False, public_id=public_id
    )
    clean = found.filter(message__withdrawn_at__isnull=True).exclude(file__scan="infected")
    return clean.select_related("file", "message").first()


def choosable_topics() -> tuple[Named, ...]:
    """Return the topics a customer may choose."""
    return topics()


def topic(slug: str) -> Topic | None:
    """Return a topic that can be chosen."""
    return Topic.objects.filter(slug=slug, parent__isnull=False, is_active=True).first() if slug else None


def stage(status: str) -> str:
    """Return where a request stands, in a customer's words."""
    return {
        Status.NEW: _("Received"),
        Status.OPEN: _("We are working on it"),
        Status.PENDING: _("Your answer is needed"),
        Status.ON_HOLD: _("We are waiting for somebody else"),
        Status.RESOLVED: _("Solved"),
        Status.CLOSED: _("Closed"),
    }[Status(status)]


def waits_for(status: str) -> str:
    """Return what a request waits for, in one sentence."""
    return {
        Status.NEW: _("A person will read it next."),
        Status.OPEN: _("It is with us: you need not do anything."),
        Status.PENDING: _("It goes on as soon as you answer."),
        Status.ON_HOLD: _("Another party has to act first; we keep asking and tell you here."),
        Status.RESOLVED: _("If it is not solved for you, answer and it is open again."),
        Status.CLOSED: _("It takes no more messages. Open a new request that refers to it."),
    }[Status(status)]


def _row(ticket: Ticket) -> RequestRow:
    # Annotations of requests_page.
    said, at, by = (getattr(ticket, name) for name in ("said", "said_at", "said_by"))
    return RequestRow(
        id=ticket.public_id,
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        stage=stage(ticket.status),
        line=" ".join(str(said or "")[: LINE * 3].split())[:LINE],
        is_ours=by == Message.Direction.OUT,
        at=at,
    )


def _message(message: Message) -> MessageShown:
    is_withdrawn = message.withdrawn_at is not None
    is_mine = message.direction == Message.Direction.IN
    is_bot = message.sender_role == Message.SenderRole.BOT
    name = message.staff.name if message.staff else message.sender_name if is_bot else ""
    return MessageShown(
        public_seq=message.public_seq or 0,
        is_mine=is_mine,
        name="" if is_mine else name,
        is_bot=is_bot,
        at=message.created_at,
        segments=() if is_withdrawn else segments(message.text),
        files=() if is_withdrawn else tuple(_file(row) for row in message.attachments.all()),
        is_withdrawn=is_withdrawn,
    )


def _file(row: Attachment) -> FileShown:
    file = row.kept_file
    if file is None:
        return FileShown(row.public_id, "", 0, is_blocked=False, is_restricted=True)
    return FileShown(row.public_id, file.name, file.size, is_blocked=file.scan == file.Scan.INFECTED)
