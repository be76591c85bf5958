"""The visitors' socket: one per tab with an open conversation. It carries hints, and answers what is plain.

What is new may be read here and plain words be said here, many at once by one statement; for all else, and whenever
there is no socket, the widget has its doors.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async
from pydantic import ValidationError

from livechat import socket_calls, socket_limits
from livechat.events import (
    CHAT_EVENTS,
    CHAT_FRAMES,
    Answered,
    ChatChanged,
    ChatFrame,
    Hello,
    HelloAccepted,
    QueueMoved,
    Read,
    Say,
    Typing,
)
from livechat.groups import visitor_group
from livechat.selectors.visitors import Heard, heard_now
from livechat.services import reading, visitors
from livechat.services.chats import Spoken
from livechat.services.visitors import Shown
from livechat.socket_calls import ELSEWHERE, Answer, News, Words
from livechat.socket_limits import Counted
from tickets.consumers import PunctualConsumer
from tickets.events import Event, Ping, Pong, PublicMessageAdded, SessionRevoked
from tickets.groups import public_ticket_group
from tickets.socket_rounds import Rounds

# RFC 6455, 7.4.1, and ours.
POLICY, TOO_BIG, TRY_LATER, NOT_A_VISITOR = 1008, 1009, 1013, 4401
MAX_FRAME = 64 * 1024
HELLO_WITHIN_S = 10.0
TYPED_EVERY_S = 2.0

log = structlog.get_logger(__name__)


class VisitorConsumer(PunctualConsumer):
    """One visitor's tab. Until it has said who it is, it hears nothing and is closed after ten seconds."""

    session_pk = 0
    public_id = ""
    is_counted = False
    # What the tab has heard of; None before it reads for itself.
    told: Heard | None = None
    deadline: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept, within the limits of the process and of the network address."""
        self.address = str((self.scope.get("client") or ("",))[0])
        self.tickets: set[str] = set()
        self.group = ""
        self.frames = Counted(socket_limits.FRAMES_PER_MIN)
        self.reads = Counted(socket_limits.READS_PER_MIN)
        self.typed_at = 0.0
        await self.accept()
        limits = socket_limits.here()
        if limits.is_full:
            await self.close(TRY_LATER)
            return
        self.is_counted = limits.join(self.address)
        if not self.is_counted:
            await self.close(POLICY)
            return
        self.deadline = asyncio.create_task(self._until_hello())

    async def disconnect(self, code: int) -> None:
        """Leave every group and count."""
        if self.deadline is not None:
            self.deadline.cancel()
        if self.is_counted:
            self.is_counted = False
            socket_limits.here().leave(self.address)
        _rounds_here().leave(self)
        for group in [self.group, *map(public_ticket_group, self.tickets)] if self.group else []:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        """Read one frame of the closed union, within the limits; anything else closes the socket."""
        if not self.is_counted:
            return
        if text_data is None or len(text_data) > MAX_FRAME:
            await self.close(TOO_BIG if text_data else POLICY)
            return
        try:
            frame = CHAT_FRAMES.validate_json(text_data)
        except ValidationError:
            await self.close(POLICY)
            return
        if self._is_too_much(frame):
            await self.close(POLICY)
        elif isinstance(frame, Hello):
            await self._hello(frame)
        elif not self.session_pk:
            await self.close(NOT_A_VISITOR)
        else:
            await self._act(frame)

    async def _act(self, frame: ChatFrame) -> None:
        """Do what a visitor asks for. Whether they still count is read with it; a ping asks for nothing."""
        if isinstance(frame, Ping):
            await self._tell(Pong())
        elif isinstance(frame, Read):
            await self._answer(frame.id, self._news(frame))
        elif isinstance(frame, Say):
            await self._answer(frame.id, self._say(frame))
        elif isinstance(frame, Typing) and await self._still_allowed():
            await self._typed(frame)

    async def public_event(self, message: dict[str, Any]) -> None:
        """Forward what the customer's side may hear; whatever else came this way is dropped, and logged."""
        try:
            event = CHAT_EVENTS.validate_python(message["event"])
        except ValidationError:
            log.warning("private_event_dropped", kind=str(message["event"].get("type", ""))[:40])
            return
        if isinstance(event, PublicMessageAdded) and not self._is_news(event.public_seq):
            return
        if isinstance(event, ChatChanged):
            self.told = None
            if not await self._still_allowed():
                return
        await self._tell(event)

    def has_news(self, rights: Heard | None) -> bool:
        """Whether what the last round has read is something else than the tab was told."""
        return rights is None or rights != self.told

    async def follow(self, rights: Heard | None) -> None:
        """Act on what the last round has read: hear the present conversation, tell what no hint has told, or close."""
        if rights is None:
            await self._tell(SessionRevoked())
            await self.close(NOT_A_VISITOR)
            return
        wanted = {rights.ticket} - {""}
        for ticket in wanted - self.tickets:
            await self.channel_layer.group_add(public_ticket_group(ticket), self.channel_name)
        for ticket in self.tickets - wanted:
            await self.channel_layer.group_discard(public_ticket_group(ticket), self.channel_name)
        self.tickets = wanted
        told, self.told = self.told, rights
        if told is not None and rights.ticket != told.ticket:
            await self._tell(ChatChanged())
        elif told is not None and rights.last > told.last:
            await self._tell(PublicMessageAdded(public_seq=rights.last))
        if told is not None and rights.place != told.place:
            await self._tell(QueueMoved(position=rights.place))

    async def probe(self) -> None:
        """Send a message to ourselves through Redis."""
        await self.channel_layer.send(self.channel_name, {"type": "visitor.probe"})

    async def visitor_probe(self, _message: dict[str, Any]) -> None:
        """The probe came back: hints arrive."""
        _rounds_here().heard(self)

    async def _hello(self, frame: Hello) -> None:
        """Learn who it is: once, by a token of this very inbox and origin."""
        if self.session_pk:
            await self.close(POLICY)
            return
        shown = Shown(token=frame.token, inbox=frame.inbox, origin=frame.origin)
        welcome = await socket_calls.here().welcomes.ask(shown)
        if welcome is None:
            await self.close(NOT_A_VISITOR)
            return
        self.session_pk, self.public_id = welcome.visitor, welcome.public_id
        if self.deadline is not None:
            self.deadline.cancel()
        self.group = visitor_group(welcome.public_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.follow(welcome.heard)
        _rounds_here().join(self)
        await self._tell(HelloAccepted())

    async def _news(self, frame: Read) -> Answer:
        if self.reads.used > self.reads.limit:
            return Answer(ELSEWHERE)
        return await socket_calls.here().news.ask(News(self.session_pk, frame.chat, frame.since))

    async def _say(self, frame: Say) -> Answer:
        spoken = Spoken(self.session_pk, frame.text, frame.client_id)
        return await socket_calls.here().words.ask(Words(spoken, self.public_id, self.address))

    async def _answer(self, number: int, asked: Awaitable[Answer]) -> None:
        """Answer a frame under its number; what cannot be read or stored here has its door."""
        try:
            answer = await asked
        except Exception as error:  # noqa: BLE001 -- whatever it was, the door says it better
            log.warning("socket_call_failed", reason=type(error).__name__)
            answer = Answer(ELSEWHERE)
        await self._tell(Answered(id=number, status=answer.status, body=answer.body))

    def _is_too_much(self, frame: ChatFrame) -> bool:
        """Count a frame against its socket and its network address; reading has a count of its own before that."""
        if isinstance(frame, Read) and not self.reads.is_over():
            return False
        return self.frames.is_over() or socket_limits.here().frames[self.address].is_over()

    def _is_news(self, public_seq: int) -> bool:
        """Note that the tab hears of this message now; False when a round was faster than the hint."""
        if self.told is None or public_seq <= self.told.last:
            return self.told is None
        self.told = self.told._replace(last=public_seq)
        return True

    async def _typed(self, frame: Typing) -> None:
        """Pass on that the visitor is writing, every two seconds at most."""
        now = asyncio.get_running_loop().time()
        if now - self.typed_at < TYPED_EVERY_S:
            return
        self.typed_at = now
        for ticket in self.tickets:
            await database_sync_to_async(reading.visitor_writes)(ticket=ticket, words=frame.text)

    async def _until_hello(self) -> None:
        await asyncio.sleep(HELLO_WITHIN_S)
        await self.close(NOT_A_VISITOR)

    async def _still_allowed(self) -> bool:
        """Read again whether the token counts and which conversation it is; close when it does not."""
        heard = await socket_calls.here().rights.ask(self.session_pk)
        await self.follow(heard)
        return heard is not None

    async def _tell(self, event: Event) -> None:
        await self.send(text_data=event.model_dump_json())


def _rounds_here() -> Rounds:
    """Return the rounds of visitors' sockets in this event loop."""
    return _rounds.setdefault(asyncio.get_running_loop(), Rounds(heard_now, attended=(visitors.heard_from,)))


_rounds: "WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds]" = WeakKeyDictionary()
