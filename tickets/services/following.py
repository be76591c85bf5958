"""Following tickets: whoever follows one is told of what happens there, though it is not theirs."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit
from tickets.models import Ticket, TicketFollower
from tickets.services import errors

MOST = 50


class TooManyFollow(errors.Refused):
    """A ticket that everybody follows is a queue."""

    code = "too_many_follow"
    message = gettext_lazy("At most 50 people can follow a ticket.")


def follow(*, ticket: Ticket, person: Staff, by: Staff | None) -> bool:
    """Let `person` follow a ticket, at their own wish or at a colleague's; False where they do already.

    Raises Refused for a person who may not see it, or for one who may not decide for others; TooManyFollow.
    """
    _check(ticket, person, by)
    if not (person.is_active and Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()):
        raise errors.Refused(_("This person cannot see the ticket."))
    with transaction.atomic():
        if TicketFollower.objects.filter(ticket=ticket).exclude(staff=person).count() >= MOST:
            raise TooManyFollow
        _row, is_new = TicketFollower.objects.get_or_create(ticket=ticket, staff=person)
        if is_new:
            _record("ticket.followed", ticket, person, by)
    return is_new


def unfollow(*, ticket: Ticket, person: Staff, by: Staff) -> bool:
    """Let `person` follow a ticket no longer; False where they did not. Raises Refused as `follow`."""
    _check(ticket, person, by)
    with transaction.atomic():
        count, _kinds = TicketFollower.objects.filter(ticket=ticket, staff=person).delete()
        if count:
            _record("ticket.unfollowed", ticket, person, by)
    return bool(count)


def _check(ticket: Ticket, person: Staff, by: Staff | None) -> None:
    if by is not None and by.pk != person.pk and not by.has(Permission.TICKET_UPDATE):
        raise errors.Refused


def _record(what: str, ticket: Ticket, person: Staff, by: Staff | None) -> None:
    actor = by.actor if by else audit.SYSTEM
    audit.record(what, actor=actor, obj=("ticket", ticket.public_id), detail={"staff": person.public_id})
