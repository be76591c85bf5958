"""The visitors' socket: one per tab with an open conversation. It carries hints; the widget reads by its own door."""

import asyncio
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async
from pydantic import ValidationError

from livechat import socket_limits
from livechat.events import CHAT_EVENTS, CHAT_FRAMES, ChatChanged, Hello, HelloAccepted, Typing
from livechat.groups import visitor_group
from livechat.selectors.visitors import Heard, heard_now
from livechat.services import reading, visitors
from livechat.socket_limits import Counted
from tickets.consumers import PunctualConsumer
from tickets.events import Event, Ping, Pong, PublicMessageAdded, SessionRevoked
from tickets.groups import public_ticket_group
from tickets.socket_rounds import Rounds

# RFC 6455, 7.4.1, and ours.
POLICY, TOO_BIG, TRY_LATER, NOT_A_VISITOR = 1008, 1009, 1013, 4401
MAX_FRAME = 4096
HELLO_WITHIN_S = 10.0
TYPED_EVERY_S = 2.0

log = structlog.get_logger(__name__)


class VisitorConsumer(PunctualConsumer):
    """One visitor's tab. Until it has said who it is, it hears nothing and is closed after ten seconds."""

    session_pk = 0
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
        if self.frames.is_over() or socket_limits.here().frames[self.address].is_over():
            await self.close(POLICY)
            return
        try:
            frame = CHAT_FRAMES.validate_json(text_data)
        except ValidationError:
            await self.close(POLICY)
            return
        if isinstance(frame, Hello):
            await self._hello(frame)
        elif not self.session_pk:
            await self.close(NOT_A_VISITOR)
        elif await self._still_allowed():
            await self._tell(Pong()) if isinstance(frame, Ping) else await self._typed(frame)

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

    async def probe(self) -> None:
        """Send a message to ourselves through Redis."""
        await self.channel_layer.send(self.channel_name, {"type": "visitor.probe"})

    async def visitor_probe(self, _message: dict[str, Any]) -> None:
        """The probe came back: hints arrive."""
        _rounds_here().heard(self)

    async def _hello(self, frame: Hello) -> None:
        """Learn who it is: once, by a token of this very inbox and origin."""
        visitor = None
        if not self.session_pk:
            known = database_sync_to_async(visitors.of_token)
            visitor = await known(token=frame.token, inbox=frame.inbox, origin=frame.origin)
        if visitor is None:
            await self.close(POLICY if self.session_pk else NOT_A_VISITOR)
            return
        self.session_pk = visitor.pk
        if self.deadline is not None:
            self.deadline.cancel()
        self.group = visitor_group(visitor.public_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        if await self._still_allowed():
            _rounds_here().join(self)
            await self._tell(HelloAccepted())

    def _is_news(self, public_seq: int) -> bool:
        """Note that the tab hears of this message now; False when a round was faster than the hint."""
        if self.told is None or public_seq <= self.told.last:
            return self.told is None
        self.told = replace(self.told, last=public_seq)
        return True

    async def _typed(self, _frame: Typing) -> None:
        """Pass on that the visitor is writing, every two seconds at most."""
        now = asyncio.get_running_loop().time()
        if now - self.typed_at < TYPED_EVERY_S:
            return
        self.typed_at = now
        for ticket in self.tickets:
            await database_sync_to_async(reading.visitor_writes)(ticket=ticket)

    async def _until_hello(self) -> None:
        await asyncio.sleep(HELLO_WITHIN_S)
        await self.close(NOT_A_VISITOR)

    async def _still_allowed(self) -> bool:
        """Read again whether the token counts and which conversation it is; close when it does not."""
        found = await database_sync_to_async(heard_now)({self.session_pk: ()})
        heard = found.get(self.session_pk)
        await self.follow(heard)
        return heard is not None

    async def _tell(self, event: Event) -> None:
        await self.send(text_data=event.model_dump_json())


def _rounds_here() -> Rounds:
    """Return the rounds of visitors' sockets in this event loop."""
    return _rounds.setdefault(asyncio.get_running_loop(), Rounds(heard_now, attended=(visitors.heard_from,)))


_rounds: "WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds]" = WeakKeyDictionary()
