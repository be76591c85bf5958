"""Who follows a ticket, as its side panel shows them."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from accounts.models import Staff
from accounts.permissions import Permission
from tickets.models import Ticket, TicketFollower
from tickets.selectors.people import PersonShown, staff_named


@dataclass(frozen=True, slots=True)
class FollowersShown:
    """Those who follow a ticket, by name; whether whoever looks is one of them, and may decide for others."""

    people: tuple[PersonShown, ...]
    is_mine: bool
    may_decide: bool


def followers_of(ticket: OuterRef) -> ArraySubquery:
    """Return an expression: ids and names of those who follow a ticket."""
    rows = TicketFollower.objects.filter(ticket=ticket).order_by("staff__name", "staff")
    return ArraySubquery(rows.values(row=JSONObject(public_id="staff__public_id", name="staff__name")))


def shown(ticket: Ticket, person: Staff) -> FollowersShown:
    """Shape them, of a ticket that was read with `followers_of` as `followed_by`."""
    rows: list[dict[str, str]] = getattr(ticket, "followed_by", [])
    people = tuple(
        staff_named(one["public_id"], one["name"], is_me=one["public_id"] == person.public_id) for one in rows
    )
    return FollowersShown(people, any(one.is_me for one in people), person.has(Permission.TICKET_UPDATE))
