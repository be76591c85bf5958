"""What concerns a member of staff, as their page shows it, and how much of it is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Staff
from tickets.models import NoticeSettings, StaffNotice, Ticket
from tickets.models.staff_notice import NoticeKind
from tickets.models.ticket import TicketQuerySet
from tickets.selectors.notice_words import words_of

SHOWN = 100
ICONS = {
    NoticeKind.MENTIONED: "at",
    NoticeKind.ASSIGNED: "people",
    NoticeKind.ANSWERED: "mail",
    NoticeKind.NOTED: "note",
}


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """One thing that happened on a ticket, and whether it is new."""

    words: str
    icon: str
    ticket_id: str
    number: int
    subject: str
    at: datetime
    is_new: bool


def new_for(person: Staff, visible: TicketQuerySet) -> "QuerySet[StaffNotice]":
    """Return what is new for a person, on tickets that they may see."""
    return StaffNotice.objects.filter(staff=person, seen_at__isnull=True, ticket__in=visible.values("pk"))


def new_of(person: Staff, ticket: OuterRef) -> Exists:
    """Return an expression: whether a person was told of something on a ticket that they have not looked at."""
    return Exists(StaffNotice.objects.filter(staff=person, ticket=ticket, seen_at__isnull=True))


def mine(person: Staff) -> list[NoticeShown]:
    """Return the newest hundred, the newest first; one query."""
    visible = Ticket.objects.visible_to(person).values("pk")
    rows = StaffNotice.objects.filter(staff=person, ticket__in=visible).select_related("ticket", "by")
    return [_shown(row) for row in rows.order_by("-pk")[:SHOWN]]


def chosen(person: Staff) -> NoticeSettings:
    """Return of what a person is told, and how; what is usual where they have chosen nothing."""
    return NoticeSettings.objects.filter(staff=person).first() or NoticeSettings(staff=person)


def newest(rows: Sequence[NoticeShown]) -> str:
    """Return the moment of the newest of these in ISO 8601, which "everything is looked at" goes up to."""
    return rows[0].at.isoformat() if rows else ""


def _shown(row: StaffNotice) -> NoticeShown:
    return NoticeShown(
        words=words_of(row),
        icon=ICONS[NoticeKind(row.kind)],
        ticket_id=row.ticket.public_id,
        number=row.ticket.number,
        subject=row.ticket.subject,
        at=row.created_at,
        is_new=row.seen_at is None,
    )
