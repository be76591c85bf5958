"""Which tags a ticket has, read once for all tickets where many are changed together."""

from collections.abc import Sequence

from core import writes
from tickets.models import Tag, Ticket, TicketTag
from tickets.services import timeline


def names(ticket: Ticket) -> frozenset[str]:
    """Return the names of a ticket's tags."""
    return frozenset(_rows(ticket))


def put_on(ticket: Ticket, tags: Sequence[Tag]) -> None:
    """Put tags on a locked ticket that it does not have."""
    rows = [TicketTag(ticket=ticket, tag=tag) for tag in tags]
    if not writes.are_updates_waiting():
        TicketTag.objects.bulk_create(rows, ignore_conflicts=True)
        return
    writes.insert(rows)
    _of_held()[ticket.pk] = {**_rows(ticket), **dict.fromkeys((tag.name for tag in tags), 0)}


def take_off(ticket: Ticket, names_: Sequence[str]) -> None:
    """Take tags off a locked ticket."""
    known = _rows(ticket)
    if not all(known[name] for name in names_):
        # Put on a moment ago: their keys come with the writing.
        writes.write_now()
        known = _read([ticket])[ticket.pk]
    writes.remove(TicketTag, [known[name] for name in names_])
    if writes.are_updates_waiting():
        _of_held()[ticket.pk] = {name: key for name, key in known.items() if name not in names_}


def _rows(ticket: Ticket) -> dict[str, int]:
    """Return the keys of a ticket's rows by the tag's name; 0 for one that waits to be written."""
    if not writes.are_updates_waiting():
        return _read([ticket])[ticket.pk]
    return _of_held().get(ticket.pk, {})


def _of_held() -> dict[int, dict[str, int]]:
    return writes.once("tags of those held", lambda: _read(timeline.held()))


def _read(tickets: Sequence[Ticket]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {ticket.pk: {} for ticket in tickets}
    rows = TicketTag.objects.filter(ticket__in=list(found)).values_list("ticket_id", "tag__name", "pk")
    for ticket, name, key in rows:
        found[ticket][name] = key
    return found
