"""Linking two cases, and taking a link away."""

from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit
from tickets.models import Ticket, TicketLink
from tickets.services import errors, timeline

Kind = TicketLink.Kind
# What a ticket may be to another, and whether it is the first of the link.
RELATIONS: Final = {
    "related": (Kind.RELATED, True),
    "duplicate": (Kind.DUPLICATE, True),
    "parent": (Kind.PARENT, True),
    "child": (Kind.PARENT, False),
}


class NoSuchTicket(errors.Refused):
    """There is none, or not for this person: both in the same words."""

    code = "no_such_ticket"
    message = _("There is no such ticket among those that you may see.")


class AlreadyLinked(errors.Refused):
    """The two are linked in this way."""

    code = "already_linked"
    message = _("These two are linked in this way already.")


class HasParent(errors.Refused):
    """A ticket has one parent."""

    code = "has_parent"
    message = _("It has a parent already. Whoever sees that link takes it away first.")


class GoesInACircle(errors.Refused):
    """The parent would be below its own child."""

    code = "goes_in_a_circle"
    message = _("That would make a ticket its own parent.")


_REFUSALS: Final[dict[str, type[errors.Refused]]] = {
    "tickets_ticketlink_of_first": AlreadyLinked,
    "tickets_ticketlink_once": AlreadyLinked,
    "tickets_ticketlink_one_parent": HasParent,
    "tickets_ticketlink_no_circle": GoesInACircle,
    "tickets_ticketlink_of_two": NoSuchTicket,
}


def add(*, ticket: Ticket, other: Ticket, relation: str, by: Staff) -> TicketLink:
    """Say that `ticket` is the `relation` (of RELATIONS) of `other`; both timelines tell.

    Raises Refused for who may not change tickets, NoSuchTicket, AlreadyLinked, HasParent, GoesInACircle.
    """
    if not by.has(Permission.TICKET_UPDATE) or relation not in RELATIONS:
        raise errors.Refused
    kind, is_first = RELATIONS[relation]
    with transaction.atomic():
        here, there = lock_visible(ticket=ticket, other=other, by=by)
        first, second = (here, there) if is_first else (there, here)
        link = _write(first, second, kind, by)
        _tell("linked", link, first, second, by)
    return link


def add_split(*, new: Ticket, source: Ticket, by: Staff) -> TicketLink:
    """Say that `new` was split off `source`; both are locked here, or not written before, and tell themselves."""
    return _write(new, source, Kind.SPLIT, by)


def remove(*, ticket: Ticket, link_id: str, by: Staff) -> None:
    """Take a link of `ticket` away (a public id). Raises Refused, NoSuchTicket where the other is hidden or it is gone.

    Where a case was split off stays to be seen.
    """
    if not by.has(Permission.TICKET_UPDATE):
        raise errors.Refused
    link = TicketLink.objects.exclude(kind=Kind.SPLIT).filter(public_id=link_id).select_related("first", "second")
    with transaction.atomic():
        found = link.first()
        if found is None or ticket.pk not in {found.first_id, found.second_id}:
            raise NoSuchTicket
        lock_visible(ticket=found.first, other=found.second, by=by)
        if not TicketLink.objects.filter(pk=found.pk).delete()[0]:
            raise NoSuchTicket
        _tell("unlinked", found, found.first, found.second, by)


def lock_visible(*, ticket: Ticket, other: Ticket, by: Staff) -> tuple[Ticket, Ticket]:
    """Lock both, in the caller's transaction. Raises NoSuchTicket unless `by` may see both as they are now."""
    here, there = timeline.lock_both(one=ticket, other=other)
    both = {here.pk, there.pk}
    if Ticket.objects.visible_to(by).filter(pk__in=both).count() < len(both):
        raise NoSuchTicket
    return here, there


def _write(first: Ticket, second: Ticket, kind: str, by: Staff) -> TicketLink:
    try:
        with transaction.atomic():
            return TicketLink.objects.create(first=first, second=second, kind=kind, by=by)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name not in _REFUSALS:
            raise
        raise _REFUSALS[name] from error


def _tell(what: str, link: TicketLink, first: Ticket, second: Ticket, by: Staff) -> None:
    """Write it on both timelines and in the log; each names the other by its id alone."""
    for here, there in ((first, second), (second, first)):
        timeline.append_event(here, f"ticket_{what}", {"ticket": there.public_id, "kind": link.kind}, by=by)
        detail: dict[str, audit.Detail] = {"other": there.public_id, "kind": link.kind}
        audit.record(f"ticket.{what}", actor=by.actor, obj=("ticket", here.public_id), detail=detail)
