"""A customer as the desk knows them: addresses, notes, cases that the reader may see; and blocked senders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from accounts.masking import masked
from accounts.models import Customer, Staff
from accounts.permissions import Permission
from tickets.models import BlockedSender, CustomerNote, Ticket
from tickets.models.ticket import ACTIVE, TicketQuerySet
from tickets.selectors import orders, queue
from tickets.selectors.languages import language_name
from tickets.selectors.people import PersonShown, customer_name, hue, initials, staff_shown

MOST_NOTES = 100
MOST_ADDRESSES = 20
MOST_BLOCKED = 500


@dataclass(frozen=True, slots=True)
class NoteShown:
    """One note about a customer."""

    public_id: str
    text: str
    by: PersonShown | None
    at: datetime
    may_remove: bool


@dataclass(frozen=True, slots=True)
class BlockedShown:
    """One blocked sender: an address masked, a domain whole."""

    public_id: str
    kind: str
    shown: str
    reason: str
    by: str
    at: datetime


def cases_of(customer: Customer, person: Staff) -> TicketQuerySet:
    """Return the cases that are proven to be this customer's and that `person` may see."""
    return Ticket.objects.visible_to(person).filter(requester=customer, is_requester_proven=True)


def contact(customer: Customer, person: Staff) -> dict[str, Any]:
    """Return the head of a customer's page: who, by which addresses, since when, how many cases; three queries."""
    name = customer_name(customer)
    told = cases_of(customer, person).aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(status__in=ACTIVE, is_spam=False)), first=Min("created_at")
    )
    return {
        "customer": {
            "public_id": customer.public_id,
            "name": name,
            "initials": initials(name),
            "hue": hue(customer.public_id),
            "since": customer.created_at,
            "language_name": language_name(customer.locale),
            "time_zone": customer.time_zone,
            "addresses": [
                {
                    "kind": address.kind,
                    "masked": masked(address.kind, address.value),
                    "is_proven": address.is_proven,
                    "is_bouncing": address.is_bouncing,
                }
                for address in customer.addresses.order_by("pk")[:MOST_ADDRESSES]
            ],
        },
        "cases": told,
        "notes": notes(customer, person),
        "may_note": person.has(Permission.TICKET_NOTE),
    }


def notes(customer: Customer, person: Staff) -> list[NoteShown]:
    """Return the notes about a customer, the newest first; one's own may be removed, by a lead anybody's."""
    kept = customer.notes.filter(removed_at__isnull=True).select_related("written_by").order_by("-created_at", "-pk")
    return [
        NoteShown(one.public_id, one.text, staff_shown(one.written_by), one.created_at, may_remove(one, person))
        for one in kept[:MOST_NOTES]
    ]


def may_remove(note: CustomerNote, person: Staff) -> bool:
    """Whether `person` may remove a note: their own, and as one who clears spam anybody's."""
    if not person.has(Permission.TICKET_NOTE):
        return False
    return note.written_by_id == person.pk or person.has(Permission.SPAM_RELEASE)


def page_of_cases(customer: Customer, person: Staff, *, after: str = "") -> queue.Page:
    """Return a page of their cases, the newest activity first. Raises BadCursorError."""
    return queue.page(tickets=cases_of(customer, person), order=orders.USUAL, after=after)


def blocked() -> list[BlockedShown]:
    """Return the senders who are blocked now, the newest first."""
    standing = BlockedSender.objects.standing().select_related("blocked_by").order_by("-created_at", "-pk")
    return [
        BlockedShown(
            one.public_id,
            one.kind,
            masked("email", one.value) if one.kind == BlockedSender.Kind.ADDRESS else one.value,
            one.reason,
            one.blocked_by.name,
            one.created_at,
        )
        for one in standing[:MOST_BLOCKED]
    ]


def blocked_among(keys: Iterable[str]) -> frozenset[str]:
    """Return those of these addresses (lower case) whose mail is put aside, each with its domain; one query."""
    names = {key: {key, *_domains(key)} for key in keys if "@" in key}
    if not names:
        return frozenset()
    asked = frozenset().union(*names.values())
    found = set(BlockedSender.objects.standing().filter(value__in=asked).values_list("value", flat=True))
    return frozenset(key for key, own in names.items() if own & found)


def _domains(address: str) -> list[str]:
    """Return the domain of an address and those above it, the top level left out."""
    labels = address.rpartition("@")[2].split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]
