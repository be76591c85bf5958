"""Hand-over notes that stand: on their ticket, and for whom they are meant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.models import Staff
from tickets.models import HandOver, Ticket
from tickets.models.ticket import Status

LISTED = 50


@dataclass(frozen=True, slots=True)
class HandOverShown:
    """A note that stands; `to` is empty where it is for whoever comes next."""

    public_id: str
    author: str
    to: str
    text: str
    written_at: datetime
    is_mine: bool


def standing() -> Exists:
    """Return whether a note stands on a ticket (OuterRef "pk")."""
    return Exists(HandOver.objects.filter(ticket=OuterRef("pk"), ended_at__isnull=True))


def of_ticket(ticket: Ticket, person: Staff) -> HandOverShown | None:
    """Return what stands on a ticket; no query where `cases.visible` has seen that nothing does."""
    if not getattr(ticket, "has_hand_over", True):
        return None
    rows = HandOver.objects.filter(ticket=ticket, ended_at__isnull=True)
    row = rows.select_related("author", "to", "note").first()
    return _shown(row, person) if row is not None else None


def left_for(person: Staff) -> list[dict[str, Any]]:
    """Return what others handed over to `person`, or to whoever is next in their teams, the newest first."""
    mine = Q(to=person) | Q(to__isnull=True) & (Q(ticket__team__memberships__staff=person) | Q(ticket__team=None))
    seen = Ticket.objects.visible_to(person).exclude(status=Status.CLOSED)
    rows = HandOver.objects.filter(mine, ended_at__isnull=True, ticket__in=seen).exclude(author=person)
    found = rows.select_related("author", "to", "note", "ticket").order_by("-written_at", "-pk")[:LISTED]
    return [{"ticket": row.ticket, "note": _shown(row, person)} for row in found]


def _shown(row: HandOver, person: Staff) -> HandOverShown:
    to = row.to.name if row.to else ""
    return HandOverShown(
        row.public_id, row.author.name, to, row.note.text, row.written_at, is_mine=row.author_id == person.pk
    )
