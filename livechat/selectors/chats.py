"""A conversation as each side sees it: public messages by their public numbers, marks, and where it stands."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from core import clock, passing
from core.clock import DatabaseNow
from livechat.models import Chat, Mark, Visitor
from livechat.selectors import abuse, bots, files, waiting
from tickets.models import Message, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import DONE, Status
from tickets.selectors import portal, surveys
from tickets.selectors.timeline import CORRECTABLE, segments

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
            "survey": None,
            "choices": [],
        }
        return {"chat": "", "is_over": False, "last": 0, **nothing}
    after = since if known == chat.public_id else 0
    is_over = chat.ended_at is not None or chat.ticket.status == Status.CLOSED
    public = portal.public_messages(chat.ticket)
    rows = list(public.filter(public_seq__gt=after).annotate(now=DatabaseNow()).order_by("public_seq")[:SINCE_MAX])
    marks = _marks(chat)
    corrected, withdrawn = _changed(chat.ticket)
    # Those the widget has had before: few, since minutes are all that there is for it.
    again = (
        list(public.filter(seq__in=corrected, public_seq__lte=after).annotate(now=DatabaseNow())) if corrected else []
    )
    return {
        "chat": chat.public_id,
        "is_over": is_over,
        "last": chat.ticket.last_public_seq,
        "messages": [_again(chat, row, is_corrected=row.seq in corrected) for row in rows],
        "corrected": [_again(chat, row, is_corrected=True) for row in again],
        "withdrawn": withdrawn,
        "mine": asdict(marks[Mark.Side.VISITOR]),
        "theirs": asdict(marks[Mark.Side.STAFF]),
        "queue": waiting.shown(chat),
        "agent": waiting.first_name(chat),
        "survey": survey_shown(chat),
        "choices": bots.offered(chat) if chat.bot else [],
    }


def blocked_until(visitor: Visitor) -> str:
    """Return until when this visitor begins no conversation, '' when they may."""
    until = abuse.blocked_until(visitor.customer)
    return until.isoformat() if until else ""


def survey_shown(chat: Chat) -> dict[str, Any] | None:
    """Return what the visitor is asked about how they were helped, or said; None while it is not resolved.

    `rating` is 0 while they have not said; `is_open` whether they may say it, or say something else.
    """
    # Saves the statement in a conversation that goes on; a reopened ticket asks again once it is resolved.
    if chat.ticket.status not in DONE:
        return None
    asked = surveys.latest_of(chat.ticket)
    if asked is None:
        return None
    return {
        "id": asked.survey.public_id,
        "rating": asked.answer.rating if asked.answer else 0,
        "comment": asked.answer.comment if asked.answer else "",
        "is_open": asked.is_open,
        "is_skipped": asked.survey.skipped_at is not None,
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
    message: Message, visitor_pk: int, *, now: datetime | None = None, is_corrected: bool = False, is_bare: bool = False
) -> dict[str, Any]:
    """Return one public message as this visitor's widget shows it; a withdrawn one has no words and no files.

    `correctable_s` is for how many seconds it can still be corrected or taken back; `is_bare` says that it has no
    files.
    """
    is_withdrawn = message.withdrawn_at is not None
    is_mine = message.direction == Message.Direction.IN
    now = now or clock.now()
    parts = () if is_withdrawn else segments(message.text)
    # What came by mail is in their mailbox as it was.
    is_ours_to_change = is_mine and not is_withdrawn and message.channel == Channel.CHAT
    left = (message.created_at + CORRECTABLE - now).total_seconds() if is_ours_to_change else 0
    return {
        "seq": message.public_seq,
        "client_id": message.client_key.removeprefix("visitor:") if is_mine else "",
        "is_mine": is_mine,
        "name": _name(message) if not is_mine else "",
        "is_bot": message.sender_role == Message.SenderRole.BOT,
        "at": message.created_at.isoformat(),
        "parts": [{"text": part.text, "redaction": part.redaction} for part in parts],
        "files": [] if is_withdrawn or is_bare else files.shown(visitor_pk, message, now),
        "is_withdrawn": is_withdrawn,
        "is_corrected": is_corrected,
        "correctable_s": max(0, int(left)),
    }


def said_shown(message: Message, visitor_pk: int, *, is_bare: bool) -> dict[str, Any]:
    """Return what a visitor has just said; `is_bare` says that it is new and without files, and saves asking."""
    if not is_bare:
        return message_shown(message, visitor_pk)
    return message_shown(message, visitor_pk, now=message.created_at, is_bare=True)


def own_message(chat: Chat, public_seq: int) -> Message | None:
    """Return what the visitor said in the chat under this number."""
    mine = Message.objects.filter(
        ticket=chat.ticket, public_seq=public_seq, direction=Message.Direction.IN, channel=Channel.CHAT
    )
    return mine.select_related("ticket", "customer").first()


def _again(chat: Chat, row: Message, *, is_corrected: bool) -> dict[str, Any]:
    # `now` is an annotation: the database's time, without a statement of its own.
    return message_shown(row, chat.visitor_id, now=getattr(row, "now", None), is_corrected=is_corrected)


def _changed(ticket: Ticket) -> tuple[frozenset[int], list[int]]:
    """Return the `seq` of messages that were corrected and the public numbers of those withdrawn, by one statement."""
    withdrawn = Q(public_seq__isnull=False, withdrawn_at__isnull=False)
    rows = Message.objects.filter(Q(event="message_corrected") | withdrawn, ticket=ticket)
    found = list(rows.order_by("public_seq").values_list("event", "event_data__seq", "public_seq"))
    return frozenset(seq for event, seq, _public in found if event), [public for *_, public in found if public]


def _name(message: Message) -> str:
    if message.sender_role == Message.SenderRole.BOT:
        return message.sender_name
    return message.staff.name if message.staff else ""


def _marks(chat: Chat) -> dict[str, MarksShown]:
    rows = Mark.objects.filter(chat=chat).values_list("side", "delivered", "read")
    found = {side: MarksShown(delivered, read) for side, delivered, read in rows}
    return {side: found.get(side, MarksShown()) for side in Mark.Side.values}
