"""The cases that a case is linked with, as far as its reader may see them, and those that it may be linked with."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from tickets.models import Ticket, TicketLink
from tickets.search.language import NUMBER_DIGITS, QueryError
from tickets.selectors import search

FOUND = 6
LISTED = 50
Kind = TicketLink.Kind
# What the other is, seen from the first and from the second of a link.
RELATIONS: Final = {
    (Kind.RELATED, True): _("Related"),
    (Kind.RELATED, False): _("Related"),
    (Kind.DUPLICATE, True): _("This is a duplicate of it"),
    (Kind.DUPLICATE, False): _("Duplicate of this"),
    (Kind.PARENT, True): _("Child"),
    (Kind.PARENT, False): _("Parent"),
    (Kind.SPLIT, True): _("This was split off it"),
    (Kind.SPLIT, False): _("Split off this"),
}


@dataclass(frozen=True, slots=True)
class LinkShown:
    """One linked case; `relation` says what it is to the one on screen."""

    public_id: str
    ticket_id: str
    number: int
    subject: str
    status: str
    kind: str
    relation: str
    is_first: bool
    is_removable: bool


@dataclass(frozen=True, slots=True)
class TicketFound:
    """A case that fits what was typed."""

    public_id: str
    number: int
    subject: str
    status: str


def of_ticket(ticket: Ticket, person: Staff) -> list[LinkShown]:
    """Return the links of `ticket` to what `person` may see, parents and children first; the rest is not there."""
    rows = TicketLink.objects.filter(Q(first=ticket) | Q(second=ticket)).order_by("-pk")[:LISTED]
    others = [row.second_id if row.first_id == ticket.pk else row.first_id for row in rows]
    seen = {one.pk: one for one in Ticket.objects.visible_to(person).filter(pk__in=others)} if others else {}
    shown = []
    for row in sorted(rows, key=lambda one: (one.kind != Kind.PARENT, -one.pk)):
        is_first = row.first_id == ticket.pk
        other = seen.get(row.second_id if is_first else row.first_id)
        if other is not None:
            shown.append(_shown(row, other, is_first=is_first))
    return shown


def _shown(row: TicketLink, other: Ticket, *, is_first: bool) -> LinkShown:
    return LinkShown(
        public_id=row.public_id,
        ticket_id=other.public_id,
        number=other.number,
        subject=other.subject,
        status=other.status,
        kind=row.kind,
        relation=str(RELATIONS[Kind(row.kind), is_first]),
        is_first=is_first,
        is_removable=row.kind != Kind.SPLIT,
    )


def found(text: str, *, ticket: Ticket, person: Staff) -> list[TicketFound]:
    """Return a few cases that fit a number or words, never `ticket` itself, nor what `person` may not see."""
    digits = text.strip().removeprefix("#")
    if digits.isascii() and digits.isdecimal():
        one = numbered(text, person)
        rows = [one] if one is not None else []
    else:
        rows = _searched(text, person)
    return [TicketFound(row.public_id, row.number, row.subject, row.status) for row in rows if row.pk != ticket.pk]


def near(ticket: Ticket, person: Staff) -> list[TicketFound]:
    """Return the open cases of the same customer, the newest first, as far as `person` may see them."""
    rows = Ticket.objects.visible_to(person).active().filter(requester=ticket.requester_id).exclude(pk=ticket.pk)
    return [TicketFound(row.public_id, row.number, row.subject, row.status) for row in rows.order_by("-pk")[:FOUND]]


def numbered(text: str, person: Staff) -> Ticket | None:
    """Return the case with this number or public id, if `person` may see it."""
    given = text.strip().removeprefix("#")
    is_number = given.isascii() and given.isdecimal() and len(given) <= NUMBER_DIGITS
    which = Q(number=int(given)) if is_number else Q(public_id=given)
    return Ticket.objects.visible_to(person).filter(which).first()


def _searched(text: str, person: Staff) -> list[Ticket]:
    try:
        hits = search.found_for(text, person=person).hits
    except QueryError:
        return []
    wanted = [hit.row.public_id for hit in hits[: FOUND + 1]]
    rows = {row.public_id: row for row in Ticket.objects.visible_to(person).filter(public_id__in=wanted)}
    return [rows[one] for one in wanted if one in rows][:FOUND]
