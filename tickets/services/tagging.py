"""Which tags a ticket has, read once for all tickets where many are changed together."""

from collections.abc import Collection

from core import writes
from tickets.models import Ticket, TicketTag
from tickets.services import timeline


def names(ticket: Ticket) -> frozenset[str]:
    """Return the names of a ticket's tags."""
    if not writes.are_updates_waiting():
        return frozenset(ticket.tags.values_list("name", flat=True))
    return _of_held().get(ticket.pk, frozenset())


def changed(ticket: Ticket, to: Collection[str]) -> None:
    """Say what a ticket's tags are from now on."""
    if writes.are_updates_waiting():
        _of_held()[ticket.pk] = frozenset(to)


def _of_held() -> dict[int, frozenset[str]]:
    def read() -> dict[int, frozenset[str]]:
        found: dict[int, set[str]] = {ticket.pk: set() for ticket in timeline.held()}
        for pk, name in TicketTag.objects.filter(ticket__in=list(found)).values_list("ticket_id", "tag__name"):
            found[pk].add(name)
        return {pk: frozenset(tags) for pk, tags in found.items()}

    return writes.once("tags of those held", read)
