"""The hand that publishes desk events to channel groups; best effort, the database is the truth."""

from core import broadcast
from tickets.events import DeskEvent


def publish(groups: tuple[str, ...], event: DeskEvent) -> None:
    """Send `event` to each group."""
    for group in groups:
        broadcast.publish(group, {"type": "desk.event", "event": event.model_dump(mode="json")})
