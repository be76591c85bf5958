"""The only scheduling of after-commit work of live chat: hints to both sides."""

from core.after_commit import after_commit
from livechat import realtime
from livechat.events import ChatChanged, StaffSaw, StaffTyped
from livechat.models import Chat
from tickets import realtime as desk
from tickets.events import CustomerSaw, CustomerTyped
from tickets.groups import ticket_group


def chat_changed(chat: Chat) -> None:
    """A conversation was opened or ended."""
    after_commit("chat changed", realtime.publish, chat.visitor.public_id, ChatChanged())


def staff_saw(chat: Chat) -> None:
    """Our side has received or read more."""
    after_commit("staff saw", realtime.publish, chat.visitor.public_id, StaffSaw())


def staff_typed(chat: Chat) -> None:
    """Somebody of ours is writing."""
    after_commit("staff typed", realtime.publish, chat.visitor.public_id, StaffTyped())


def visitor_saw(chat: Chat) -> None:
    """The visitor has received or read more."""
    event = CustomerSaw(ticket=chat.ticket.public_id)
    after_commit("visitor saw", desk.publish, (ticket_group(chat.ticket.public_id),), event)


def visitor_typed(ticket: str) -> None:
    """The visitor is writing on the ticket with this public id."""
    after_commit("visitor typed", desk.publish, (ticket_group(ticket),), CustomerTyped(ticket=ticket))
