"""The hand that publishes to a visitor's own sockets; best effort, the database is the truth."""

from core import broadcast
from livechat.events import ChatChanged, StaffSaw, StaffTyped
from livechat.groups import visitor_group


def publish(visitor: str, event: ChatChanged | StaffSaw | StaffTyped) -> None:
    """Send `event` to the visitor with this public id."""
    broadcast.publish(visitor_group(visitor), {"type": "public.event", "event": event.model_dump(mode="json")})
