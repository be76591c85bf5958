"""The hand that publishes events to channel groups; best effort, the database is the truth."""

from collections.abc import Iterable

from core import broadcast
from tickets.events import DeskEvent, PublicEvent, RowMoved
from tickets.groups import public_ticket_group


def publish(groups: tuple[str, ...], event: DeskEvent) -> None:
    """Send `event` to each group."""
    for group in groups:
        broadcast.publish(group, {"type": "desk.event", "event": event.model_dump(mode="json")})


def row_moved(queues: Iterable[str], ticket: str = "", *, counts: bool) -> None:
    """Tell those who see these queues that a ticket's row may have changed; with `counts`, numbers too."""
    for queue in queues:
        row = RowMoved(queue=queue, ticket=ticket, counts=counts)
        broadcast.publish(queue, {"type": "desk.row", "row": row.model_dump(mode="json")})


def publish_to_customer(ticket: str, event: PublicEvent) -> None:
    """Send `event` to the customer's side of the ticket with this public id."""
    broadcast.publish(public_ticket_group(ticket), {"type": "public.event", "event": event.model_dump(mode="json")})
