"""A conversation as each side sees it: public messages by their public numbers, marks, and where it stands."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core import clock, passing
from core.clock import DatabaseNow
from livechat.models import Chat, Mark, Visitor
from livechat.selectors import bots, files, waiting
from tickets.models import Message, Ticket
from tickets.models.ticket import Status
from tickets.selectors import portal
from tickets.selectors.timeline import CORRECTABLE, corrected_in, segments

# One answer of `since`; whoever gets this many asks again with the last number.
SINCE_MAX = 200
# Under which words of visitors pass that are not sent yet.
TYPED = "chat-typed"


@dataclass(frozen=True, slots=True)
class MarksShown:
    """How far a side has received and read."""

    delivered: int = 0
    read: int = 0


def latest(visitor: Visitor) -> Chat | None:
    """Return the conversation a visitor has, or had last."""
    mine = Chat.objects.filter(visitor=visitor).select_related("ticket__assignee", "visitor")
    return mine.order_by("-pk").first()


def of_visitor(visitor: Visitor, public_id: str) -> Chat | None:
    """Return one of this visitor's conversations."""
    return Chat.objects.filter(visitor=visitor, public_id=public_id).select_related("ticket", "visitor").first()


def of_ticket(ticket: Ticket) -> Chat | None:
    """Return the conversation on this ticket."""
    return Chat.objects.filter(ticket=ticket).select_related("ticket", "visitor__inbox").first()


def shown_to_visitor(chat: Chat | None, *, known: str, since: int) -> dict[str, Any]:
    """Return the conversation for the widget: what came after public number `since` of the one it knows, else all.

    Withdrawn messages are named each time, also those the widget has had before.
    """
    if chat is None:
        nothing: dict[str, Any] = {
            "messages": [],
            "corrected": [],
            "withdrawn": [],
            "mine": {},
            "theirs": {},
            "queue": None,
            "agent": "",
            "choices": [],
        }
        return {"chat": "", "is_over": False, "last": 0, **nothing}
    after = since if known == chat.public_id else 0
    public = portal.public_messages(chat.ticket)
    rows = list(public.filter(public_seq__gt=after).annotate(now=DatabaseNow()).order_by("public_seq")[:SINCE_MAX])
    gone = Message.objects.filter(ticket=chat.ticket, public_seq__isnull=False, withdrawn_at__isnull=False)
    marks = _marks(chat)
    corrected = corrected_in(chat.ticket)
    # Those the widget has had before: few, since minutes are all that there is for it.
    again = (
        list(public.filter(seq__in=corrected, public_seq__lte=after).annotate(now=DatabaseNow())) if corrected else []
    )
    return {
        "chat": chat.public_id,
        "is_over": chat.ended_at is not None or chat.ticket.status == Status.CLOSED,
        "last": chat.ticket.last_public_seq,
        "messages": [_again(chat, row, is_corrected=row.seq in corrected) for row in rows],
        "corrected": [_again(chat, row, is_corrected=True) for row in again],
        "withdrawn": list(gone.order_by("public_seq").values_list("public_seq", flat=True)),
        "mine": asdict(marks[Mark.Side.VISITOR]),
        "theirs": asdict(marks[Mark.Side.STAFF]),
        "queue": waiting.shown(chat),
        "agent": waiting.first_name(chat),
        "choices": bots.offered(chat) if chat.bot else [],
    }


def shown_to_staff(chat: Chat) -> dict[str, Any]:
    """Return how far the visitor has received and read, whether it is over, and what they type where that is shown."""
    shows = chat.visitor.inbox.shows_typing and chat.ended_at is None
    typed = passing.heard(scope=TYPED, who=chat.ticket.public_id) if shows else ""
    return {
        **asdict(_marks(chat)[Mark.Side.VISITOR]),
        "is_over": chat.ended_at is not None,
        "shows_typing": shows,
        "typed": typed,
    }


def message_shown(
    message: Message, visitor_pk: int, *, now: datetime | None = None, is_corrected: bool = False
) -> dict[str, Any]:
    """Return one public message as this visitor's widget shows it; a withdrawn one has no words and no files.

    `correctable_s` is for how many seconds it can still be corrected or taken back.
    """
    is_withdrawn = message.withdrawn_at is not None
    is_mine = message.direction == Message.Direction.IN
    now = now or clock.now()
    parts = () if is_withdrawn else segments(message.text)
    left = (message.created_at + CORRECTABLE - now).total_seconds() if is_mine and not is_withdrawn else 0
    return {
        "seq": message.public_seq,
        "client_id": message.client_key.removeprefix("visitor:") if is_mine else "",
        "is_mine": is_mine,
        "name": _name(message) if not is_mine else "",
        "is_bot": message.sender_role == Message.SenderRole.BOT,
        "at": message.created_at.isoformat(),
        "parts": [{"text": part.text, "redaction": part.redaction} for part in parts],
        "files": [] if is_withdrawn else files.shown(visitor_pk, message, now),
        "is_withdrawn": is_withdrawn,
        "is_corrected": is_corrected,
        "correctable_s": max(0, int(left)),
    }


def own_message(chat: Chat, public_seq: int) -> Message | None:
    """Return what the visitor said under this number."""
    mine = Message.objects.filter(ticket=chat.ticket, public_seq=public_seq, direction=Message.Direction.IN)
    return mine.select_related("ticket", "customer").first()


def _again(chat: Chat, row: Message, *, is_corrected: bool) -> dict[str, Any]:
    # `now` is an annotation: the database's time, without a statement of its own.
    return message_shown(row, chat.visitor_id, now=getattr(row, "now", None), is_corrected=is_corrected)


def _name(message: Message) -> str:
    if message.sender_role == Message.SenderRole.BOT:
        return message.sender_name
    return message.staff.name if message.staff else ""


def _marks(chat: Chat) -> dict[str, MarksShown]:
    found = {mark.side: MarksShown(mark.delivered, mark.read) for mark in Mark.objects.filter(chat=chat)}
    return {side: found.get(side, MarksShown()) for side in Mark.Side.values}
