"""What visitors' sockets ask of the database, many at once: who a token is of, what is new, and plain words to store.

Whatever is not plain is answered ELSEWHERE: the widget asks its door, which knows every case and has the words.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings

from core import rate_limits
from core.batches import Batches
from core.rate_limits import Call
from livechat.models import Chat
from livechat.selectors import chats as shown
from livechat.selectors.chats import Asked
from livechat.selectors.visitors import Heard, heard_now, latest_of
from livechat.services import chats, visitors
from livechat.services.chats import Spoken
from livechat.services.visitors import Shown
from tickets.models.ticket import DONE

# RFC 9110, 15: what the door would answer; 421 says that this one is not answered here.
OK, CREATED, ELSEWHERE = 200, 201, 421
MOST = 50


@dataclass(frozen=True, slots=True)
class Welcome:
    """Who said hello, by pk and public id, and what they may hear of."""

    visitor: int
    public_id: str
    heard: Heard


@dataclass(frozen=True, slots=True)
class News:
    """What a visitor (by pk) wants: their conversation after public number `since` of the one they know."""

    visitor: int
    known: str
    since: int


@dataclass(frozen=True, slots=True)
class Words:
    """What a visitor says, and the network address they say it from."""

    spoken: Spoken
    public_id: str
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door would have answered, or ELSEWHERE."""

    status: int
    body: dict[str, Any] | None = None


def welcome_all(hellos: Sequence[Shown]) -> list[Welcome | None]:
    """Learn who these are, and what each may hear of; None for a token that does not count."""
    found = visitors.of_tokens(hellos)
    visitors.touch_all(visitors=[one for one in found if one is not None])
    heard = heard_now({one.pk: () for one in found if one is not None})
    return [Welcome(one.pk, one.public_id, heard[one.pk]) if one and one.pk in heard else None for one in found]


def rights_of(wanted: Sequence[int]) -> list[Heard | None]:
    """Read what each of these visitors (by pk) may hear of now; None for whose token does not count any more."""
    found = heard_now(dict.fromkeys(wanted, ()))
    return [found.get(pk) for pk in wanted]


def read_all(wanted: Sequence[News]) -> list[Answer]:
    """Read what is new for each of these visitors, whose tokens are looked at again."""
    latest = latest_of({one.visitor for one in wanted})
    mine = [one for one in wanted if _is_plain(latest.get(one.visitor))]
    asked = [Asked(latest[one.visitor], one.known, one.since) for one in mine]
    bodies = dict(zip(map(id, mine), shown.shown_to_visitors(asked) if asked else [], strict=True))
    return [
        Answer(OK, {**body, "blocked_until": ""}) if (body := bodies.get(id(one))) else Answer(ELSEWHERE)
        for one in wanted
    ]


def say_all(said: Sequence[Words]) -> list[Answer]:
    """Store plain words of several visitors by one transaction; CREATED means that they are stored."""
    limits = settings.CHAT_CALLS_PER_MIN
    calls = [
        call
        for one in said
        for call in (
            Call("chat:say", one.public_id, limits["say"]),
            Call("chat:address", one.address, limits["address"]),
        )
    ]
    spent = rate_limits.spend_all(calls)
    slow = [one for place, one in enumerate(said) if not any(used and used.is_over for used in spent[2 * place :][:2])]
    stored = dict(zip(map(id, slow), chats.say_together([one.spoken for one in slow]), strict=True))
    return [
        Answer(CREATED, shown.said_shown(found.chat, found.message, one.spoken.visitor, is_bare=True))
        if (found := stored.get(id(one)))
        else Answer(ELSEWHERE)
        for one in said
    ]


class Calls:
    """The batches of one event loop."""

    def __init__(self) -> None:
        self.welcomes = Batches(welcome_all, most=MOST)
        self.rights = Batches(rights_of, most=MOST)
        self.news = Batches(read_all, most=MOST)
        self.words = Batches(say_all, most=MOST)


def here() -> Calls:
    """Return the batches of this event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _calls:
        _calls[loop] = Calls()
    return _calls[loop]


_calls: "WeakKeyDictionary[asyncio.AbstractEventLoop, Calls]" = WeakKeyDictionary()


def _is_plain(chat: Chat | None) -> bool:
    """Whether a conversation goes on between people: nothing more than messages and marks has to be read."""
    if chat is None or chat.ended_at is not None or chat.ticket.status in DONE:
        return False
    return not chat.bot or chat.bot_ended_at is not None
