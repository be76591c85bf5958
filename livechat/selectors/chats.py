"""A conversation as each side sees it: public messages by their public numbers, marks, and where it stands."""

from dataclasses import asdict, dataclass
from typing import Any

from accounts.models import Staff
from livechat.models import Chat, Mark, Visitor
from tickets.models import Message, Ticket
from tickets.models.ticket import Status
from tickets.selectors import portal
from tickets.selectors.timeline import segments

# One answer of `since`; whoever gets this many asks again with the last number.
SINCE_MAX = 200


@dataclass(frozen=True, slots=True)
class MarksShown:
    """How far a side has received and read."""

    delivered: int = 0
    read: int = 0


def latest(visitor: Visitor) -> Chat | None:
    """Return the conversation a visitor has, or had last."""
    mine = Chat.objects.filter(visitor=visitor).select_related("ticket", "visitor")
    return mine.order_by("-pk").first()


def of_visitor(visitor: Visitor, public_id: str) -> Chat | None:
    """Return one of this visitor's conversations."""
    return Chat.objects.filter(visitor=visitor, public_id=public_id).select_related("ticket", "visitor").first()


def of_ticket(ticket: Ticket) -> Chat | None:
    """Return the conversation on this ticket."""
    return Chat.objects.filter(ticket=ticket).select_related("ticket", "visitor").first()


def shown_to_visitor(chat: Chat | None, *, known: str, since: int) -> dict[str, Any]:
    """Return the conversation for the widget: what came after public number `since` of the one it knows, else all.

    Withdrawn messages are named each time, also those the widget has had before.
    """
    if chat is None:
        return {"chat": "", "is_over": False, "last": 0, "messages": [], "withdrawn": [], "mine": {}, "theirs": {}}
    after = since if known == chat.public_id else 0
    public = portal.public_messages(chat.ticket)
    rows = public.filter(public_seq__gt=after).order_by("public_seq")[:SINCE_MAX]
    gone = Message.objects.filter(ticket=chat.ticket, public_seq__isnull=False, withdrawn_at__isnull=False)
    marks = _marks(chat)
    return {
        "chat": chat.public_id,
        "is_over": chat.ended_at is not None or chat.ticket.status == Status.CLOSED,
        "last": chat.ticket.last_public_seq,
        "messages": [message_shown(row) for row in rows],
        "withdrawn": list(gone.order_by("public_seq").values_list("public_seq", flat=True)),
        "mine": asdict(marks[Mark.Side.VISITOR]),
        "theirs": asdict(marks[Mark.Side.STAFF]),
    }


def shown_to_staff(chat: Chat) -> dict[str, Any]:
    """Return how far the visitor has received and read, and whether the conversation is over."""
    return {**asdict(_marks(chat)[Mark.Side.VISITOR]), "is_over": chat.ended_at is not None}


def message_shown(message: Message) -> dict[str, Any]:
    """Return one public message as the widget shows it; a withdrawn one has no words."""
    is_withdrawn = message.withdrawn_at is not None
    is_mine = message.direction == Message.Direction.IN
    parts = () if is_withdrawn else segments(message.text)
    return {
        "seq": message.public_seq,
        "client_id": message.client_key.removeprefix("visitor:") if is_mine else "",
        "is_mine": is_mine,
        "name": _name(message.staff) if not is_mine else "",
        "at": message.created_at.isoformat(),
        "parts": [{"text": part.text, "redaction": part.redaction} for part in parts],
        "files": [] if is_withdrawn else [file.name for row in message.attachments.all() if (file := row.kept_file)],
        "is_withdrawn": is_withdrawn,
    }


def _name(person: Staff | None) -> str:
    return person.name if person else ""


def _marks(chat: Chat) -> dict[str, MarksShown]:
    found = {mark.side: MarksShown(mark.delivered, mark.read) for mark in Mark.objects.filter(chat=chat)}
    return {side: found.get(side, MarksShown()) for side in Mark.Side.values}
