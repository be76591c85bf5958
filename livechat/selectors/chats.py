"""A conversation as each side sees it: public messages by their public numbers, marks, and where it stands."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.db.models.fields.json import KeyTextTransform

from core import clock, passing
from core.clock import DatabaseNow
from core.compiled import Among, PairAmong, Rows, Values, stand_in
from livechat.models import Chat, Mark, Visitor
from livechat.selectors import abuse, bots, files, waiting
from tickets.models import Attachment, Message, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import DONE, Status
from tickets.selectors import surveys
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What a widget asks for: the last conversation of its visitor, after `since` if it knows that one."""

    chat: Chat | None
    known: str
    since: int

    @property
    def after(self) -> int:
        """The public number that news begin behind."""
        return self.since if self.chat is not None and self.known == self.chat.public_id else 0


NOTHING: Mapping[str, Any] = {
    "chat": "",
    "is_over": False,
    "last": 0,
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
    return shown_to_visitors([Asked(chat, known, since)])[0]


def shown_to_visitors(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """Return the same for several visitors, in their order: the statements do not grow with their number."""
    read = _read(asked)
    return [_shown(one.chat, one.after, read) if one.chat else dict(NOTHING) for one in asked]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for several conversations: messages and corrections by ticket, the rest by chat (all by pk)."""

    news: Mapping[int, Sequence[Message]]
    # What was corrected, and the widget may have had before.
    again: Mapping[int, Sequence[Message]]
    corrected: Mapping[int, frozenset[int]]
    withdrawn: Mapping[int, Sequence[int]]
    marks: Mapping[int, Mapping[str, MarksShown]]
    queue: Mapping[int, Mapping[str, Any]]


def _read(asked: Sequence[Asked]) -> _Read:
    chats = {one.chat.pk: one.chat for one in asked if one.chat is not None}
    behind = [one for one in asked if one.chat is not None and one.after < one.chat.ticket.last_public_seq]
    corrected, withdrawn = _changed([chat.ticket_id for chat in chats.values()])
    # Few, since minutes are all that there is for it.
    again = [Q(ticket=ticket, seq__in=seqs) for ticket, seqs in corrected.items()]
    return _Read(
        news=_by_ticket(_news([(one.chat.ticket, one.after) for one in behind if one.chat])),
        again=_by_ticket(_messages().filter(reduce(or_, again))) if again else {},
        corrected=corrected,
        withdrawn=withdrawn,
        marks=_marks(chats),
        queue=waiting.shown_all(chats.values()),
    )


def _shown(chat: Chat, after: int, read: _Read) -> dict[str, Any]:
    ticket = chat.ticket_id
    corrected = read.corrected.get(ticket, frozenset())
    news = [row for row in read.news.get(ticket, ()) if (row.public_seq or 0) > after]
    again = [row for row in read.again.get(ticket, ()) if (row.public_seq or 0) <= after]
    return {
        "chat": chat.public_id,
        "is_over": chat.ended_at is not None or chat.ticket.status == Status.CLOSED,
        "last": chat.ticket.last_public_seq,
        "messages": [_again(chat, row, is_corrected=row.seq in corrected) for row in news],
        "corrected": [_again(chat, row, is_corrected=True) for row in again],
        "withdrawn": list(read.withdrawn.get(ticket, ())),
        "mine": asdict(read.marks[chat.pk][Mark.Side.VISITOR]),
        "theirs": asdict(read.marks[chat.pk][Mark.Side.STAFF]),
        "queue": read.queue.get(chat.pk),
        "agent": waiting.first_name(chat),
        "survey": survey_shown(chat),
        "choices": bots.offered(chat) if chat.bot else [],
    }


def _news(behind: Sequence[tuple[Ticket, int]]) -> list[Message]:
    """Return the public messages of these tickets after these numbers, `SINCE_MAX` at most of each."""
    # Numbers have no gaps.
    pairs = [
        (ticket.pk, seq)
        for ticket, after in behind
        for seq in range(after + 1, min(after + SINCE_MAX, ticket.last_public_seq) + 1)
    ]
    if not pairs:
        return []
    return _NEWS.run({stand_in(0): [ticket for ticket, _ in pairs], stand_in(1): [seq for _, seq in pairs]})


def _messages() -> "QuerySet[Message]":
    """Return public messages with who wrote them, the time it is now, and whether they have files."""
    has_files = Exists(Attachment.objects.filter(message=OuterRef("pk")))
    public = Message.objects.filter(public_seq__isnull=False).annotate(now=DatabaseNow(), has_files=has_files)
    return public.select_related("staff")


_NEWS = Rows(lambda: _messages().filter(PairAmong(("ticket", "public_seq"), (stand_in(0), stand_in(1)))))


def _by_ticket(rows: Iterable[Message]) -> dict[int, list[Message]]:
    """Return messages by ticket, in their order, with their files."""
    found: dict[int, list[Message]] = {}
    for row in rows:
        found.setdefault(row.ticket_id, []).append(row)
    prefetch_related_objects([row for row in chain(*found.values()) if _has_files(row)], "attachments__file")
    for mine in found.values():
        mine.sort(key=lambda row: row.public_seq or 0)
    return found


def _has_files(row: Message) -> bool:
    # An annotation of `_messages`.
    return getattr(row, "has_files", True)


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
        **asdict(_marks([chat.pk])[chat.pk][Mark.Side.VISITOR]),
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


def said_shown(chat: Chat, message: Message, visitor_pk: int, *, is_bare: bool) -> dict[str, Any]:
    """Return what a visitor has just said; `is_bare` says that it is new and without files, and saves asking."""
    now = message.created_at if is_bare else None
    return {
        "chat": chat.public_id,
        "message": message_shown(message, visitor_pk, now=now, is_bare=is_bare),
        "redactions": message.redactions,
    }


def own_message(chat: Chat, public_seq: int) -> Message | None:
    """Return what the visitor said in the chat under this number."""
    mine = Message.objects.filter(
        ticket=chat.ticket, public_seq=public_seq, direction=Message.Direction.IN, channel=Channel.CHAT
    )
    return mine.select_related("ticket", "customer").first()


def _again(chat: Chat, row: Message, *, is_corrected: bool) -> dict[str, Any]:
    # `now` is an annotation: the database's time, without a statement of its own.
    now = getattr(row, "now", None)
    return message_shown(row, chat.visitor_id, now=now, is_corrected=is_corrected, is_bare=not _has_files(row))


def _changed(tickets: Collection[int]) -> tuple[dict[int, frozenset[int]], dict[int, list[int]]]:
    """Return, by ticket, the `seq` of messages that were corrected, and the public numbers of those withdrawn."""
    corrected: dict[int, frozenset[int]] = {}
    withdrawn: dict[int, list[int]] = {}
    for ticket, event, seq, public in _CHANGED.run({stand_in(0): list(tickets)}):
        if event:
            corrected[ticket] = corrected.get(ticket, frozenset()) | {int(seq)}
        elif public:
            withdrawn.setdefault(ticket, []).append(public)
    return corrected, withdrawn


def _changes() -> "QuerySet[Message, tuple[Any, ...]]":
    is_withdrawn = Q(public_seq__isnull=False, withdrawn_at__isnull=False)
    rows = Message.objects.filter(Q(event="message_corrected") | is_withdrawn, Among("ticket", stand_in(0)))
    seq = KeyTextTransform("seq", "event_data")
    return rows.order_by("public_seq").values_list("ticket_id", "event", seq, "public_seq")


_CHANGED = Values(_changes)


def _name(message: Message) -> str:
    if message.sender_role == Message.SenderRole.BOT:
        return message.sender_name
    return message.staff.name if message.staff else ""


def _marks(chats: Collection[int]) -> dict[int, dict[str, MarksShown]]:
    found = {pk: dict.fromkeys(Mark.Side.values, MarksShown()) for pk in chats}
    for pk, side, delivered, read in _MARKS.run({stand_in(0): list(chats)}):
        found[pk][side] = MarksShown(delivered, read)
    return found


_MARKS = Values(
    lambda: Mark.objects.filter(Among("chat", stand_in(0))).values_list("chat", "side", "delivered", "read")
)
