"""The hand that publishes events to channel groups; best effort, the database is the truth."""

from collections.abc import Iterable, Sequence

from core import broadcast
from tickets.events import DeskEvent, PublicEvent, RowMoved
from tickets.groups import public_ticket_group


def publish(groups: tuple[str, ...], event: DeskEvent) -> None:
    """Send `event` to each group."""
    for group in groups:
        broadcast.publish(group, {"type": "desk.event", "event": event.model_dump(mode="json")})


def publish_many(changed: Sequence[tuple[str, DeskEvent]], moved: Sequence[RowMoved]) -> None:
    """Send events of many tickets, each to its group, and what moved to its queue."""
    messages = [(group, {"type": "desk.event", "event": event.model_dump(mode="json")}) for group, event in changed]
    messages += [(row.queue, {"type": "desk.row", "row": row.model_dump(mode="json")}) for row in moved]
    broadcast.publish_all(messages)


def row_moved(queues: Iterable[str], ticket: str = "", *, counts: bool) -> None:
    """Tell those who see these queues that a ticket's row may have changed; with `counts`, numbers too."""
    for queue in queues:
        row = RowMoved(queue=queue, ticket=ticket, counts=counts)
        broadcast.publish(queue, {"type": "desk.row", "row": row.model_dump(mode="json")})


def publish_to_customer(ticket: str, event: PublicEvent) -> None:
    """Send `event` to the customer's side of the ticket with this public id."""
    broadcast.publish(public_ticket_group(ticket), {"type": "public.event", "event": event.model_dump(mode="json")})
