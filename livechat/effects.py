"""The only scheduling of after-commit work of live chat: hints to both sides."""

from core import doorbell
from core.after_commit import after_commit
from livechat import realtime
from livechat.events import ChatChanged, StaffSaw, StaffTyped
from livechat.models import Chat, Offer, Visitor
from tickets import realtime as desk
from tickets.events import ChatOffered, ChatOfferEnded, ConsoleChanged, CustomerSaw, CustomerTyped
from tickets.groups import staff_group, ticket_group


def chat_changed(chat: Chat) -> None:
    """A conversation was opened or ended."""
    after_commit("chat changed", realtime.publish, chat.visitor.public_id, ChatChanged())


def visitor_left(visitor: Visitor) -> None:
    """A visitor's token counts no more: sockets look again, and close."""
    after_commit("visitor left", realtime.publish, visitor.public_id, ChatChanged())


def visitor_mail_changed(visitor: Visitor) -> None:
    """Whether answers follow a visitor by mail has changed: open pages look again."""
    after_commit("visitor mail changed", realtime.publish, visitor.public_id, ChatChanged())


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


def routing_due() -> None:
    """A chat waits, or somebody has become free: look who may be rung for whom."""
    doorbell.ring_once("livechat.sweep_rings")


def somebody_came() -> None:
    """Somebody is online: what waits at the desk may be theirs."""
    doorbell.ring_once("tickets.assign_waiting")


def bot_due(turn: int) -> None:
    """A bot owes an answer to a message."""
    doorbell.ring("livechat.answer_as_bot", turn)


def offer_opened(offer: Offer) -> None:
    """A chat rings at somebody's desk."""
    event = ChatOffered(offer=offer.public_id)
    after_commit("chat offered", desk.publish, (staff_group(offer.staff.public_id),), event)


def offer_ended(offer: Offer) -> None:
    """A ring is over, however it ended."""
    event = ChatOfferEnded(offer=offer.public_id)
    after_commit("chat offer ended", desk.publish, (staff_group(offer.staff.public_id),), event)


def console_changed(*people: str) -> None:
    """The presence or the chats of these people (by public id) may have changed."""
    groups = tuple(staff_group(public_id) for public_id in people)
    after_commit("console changed", desk.publish, groups, ConsoleChanged())
