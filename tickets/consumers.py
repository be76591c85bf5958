"""The desk's socket: one per browser tab, subscriptions by ticket and by queue, rights read again at each frame."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from pydantic import ValidationError

from accounts.models import Staff
from accounts.permissions import Permission
from tickets import socket_hub, socket_rounds
from tickets.events import (
    DESK_EVENTS,
    DESK_FRAMES,
    Event,
    MessageAdded,
    Ping,
    Pong,
    SessionRevoked,
    Subscribe,
    SubscriptionRefused,
)
from tickets.groups import staff_group
from tickets.selectors import sockets as reads
from tickets.selectors.sockets import Rights
from tickets.socket_hub import Frame

NOT_SIGNED_IN = 4401
FORBIDDEN = 4403
BAD_FRAME = 1008
MAX_TICKETS = 20
MAX_FRAME = 4096
# A page that reads nothing lets no frame through for ever, and all that comes for its socket would wait behind it.
TAKEN_WITHIN_S = 5.0

log = structlog.get_logger(__name__)


class PunctualConsumer(AsyncJsonWebsocketConsumer):
    """A socket that is given up when its page takes nothing."""

    is_over = False

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle what comes, unless this socket has been given up: it is told nothing more."""
        if self.is_over:
            raise StopConsumer
        # Not by Channels, which sends each message past the one thread of the database first: with fifty desks, that
        # thread did little else. `database_sync_to_async` itself sees to connections that have grown old.
        await getattr(self, get_handler_name(message))(message)

    async def send(self, text_data: str | None = None, **kinds: Any) -> None:
        """Send a frame; give the socket up when it is not taken."""
        async with self._taken():
            await super().send(text_data, **kinds)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close; give the socket up when not even that is taken."""
        async with self._taken():
            await super().close(code, reason)

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TAKEN_WITHIN_S):
                yield
        except TimeoutError:
            self.is_over = True
            await self.disconnect(FORBIDDEN)
            raise StopConsumer from None


class DeskConsumer(PunctualConsumer):
    """One open desk. Events are hints: the page re-reads what they name through authorised URLs."""

    staff: Staff
    session_pk: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tickets: set[str] = set()
        self.outbox: deque[Frame] = deque()
        self.passing_on: asyncio.Task[None] | None = None

    async def __call__(self, *args: Any) -> None:
        """Whatever ends the socket, nothing is handed to it afterwards."""
        try:
            await super().__call__(*args)
        finally:
            socket_rounds.here().leave(self)
            self._hear_no_more()

    async def connect(self) -> None:
        """Accept staff who may see tickets; hear of the queues they may see, and join their session's own group."""
        staff, session = self.scope.get("staff"), self.scope.get("staff_session")
        await self.accept()
        if staff is None or session is None:
            await self.close(NOT_SIGNED_IN)
            return
        if not staff.has(Permission.TICKET_VIEW):
            await self.close(FORBIDDEN)
            return
        self.staff, self.session_pk = staff, session.pk
        self.own_groups = {f"session.{session.public_id}", staff_group(staff.public_id)}
        for group in self.own_groups:
            await self.channel_layer.group_add(group, self.channel_name)
        socket_hub.here().enter(self)
        await self._join_queues()
        socket_rounds.here().join(self)

    async def disconnect(self, code: int) -> None:
        """Hear of nothing any more."""
        socket_rounds.here().leave(self)
        self._hear_no_more()
        if hasattr(self, "own_groups"):
            for group in self.own_groups:
                await self.channel_layer.group_discard(group, self.channel_name)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close; what comes meanwhile is for nobody."""
        self._hear_no_more()
        await super().close(code, reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        """Read one frame of the closed union; anything else closes the socket."""
        if text_data is None or len(text_data) > MAX_FRAME:
            await self.close(BAD_FRAME)
            return
        try:
            frame = DESK_FRAMES.validate_json(text_data)
        except ValidationError:
            await self.close(BAD_FRAME)
            return
        if not await self._still_allowed():
            return
        if isinstance(frame, Ping):
            await self._tell(Pong())
        elif isinstance(frame, Subscribe):
            await self._subscribe(frame)
        elif frame.ticket is not None and frame.ticket in self.tickets:
            await self._drop(frame.ticket)

    async def desk_event(self, message: dict[str, Any]) -> None:
        """Forward one event that was published to this person, after checking its shape."""
        await self._tell(DESK_EVENTS.validate_python(message["event"]))

    def hand(self, frame: Frame) -> None:
        """Take what the hub has for this socket; frames are sent one after the other, and the hub waits for none."""
        self.outbox.append(frame)
        if self.passing_on is None:
            self.passing_on = asyncio.create_task(self._pass_on())

    async def session_revoked(self, _message: dict[str, Any]) -> None:
        """The sign-in ended elsewhere."""
        await self._revoke()

    async def _subscribe(self, frame: Subscribe) -> None:
        """Join a ticket the person may see, and say at once if they are behind."""
        if frame.ticket is None:
            await self._join_queues()
            return
        if len(self.tickets) >= MAX_TICKETS and frame.ticket not in self.tickets:
            await self.close(BAD_FRAME)
            return
        last = await database_sync_to_async(reads.last_seqs)(self.staff, frame.ticket)
        if last is None:
            await self._tell(SubscriptionRefused(ticket=frame.ticket))
            return
        self.tickets.add(frame.ticket)
        await socket_hub.here().watch(self, frame.ticket)
        # Read again behind the join: what was added between the two is not missed.
        seq, public_seq = await database_sync_to_async(reads.last_seqs)(self.staff, frame.ticket) or last
        if seq > frame.since:
            behind = MessageAdded(ticket=frame.ticket, seq=seq, public_seq=public_seq)
            await self._tell(behind)

    async def _tell(self, event: Event) -> None:
        await self.send(text_data=event.model_dump_json())

    def _hear_no_more(self) -> None:
        socket_hub.here().leave(self)
        self.outbox.clear()

    async def _pass_on(self) -> None:
        try:
            while self.outbox:
                frame = self.outbox.popleft()
                if frame.is_move and frame.ticket in self.tickets:
                    await self._drop_if_hidden(frame.ticket)
                elif frame.ticket and frame.ticket not in self.tickets:
                    continue
                await self.send(text_data=frame.text)
        except Exception as error:  # noqa: BLE001 -- what it has not been told it must read again: it comes back
            await self._give_up(error)
        finally:
            self.passing_on = None

    async def _give_up(self, error: Exception) -> None:
        """Close, unless that is done already; then have our own loop see that this socket is over."""
        with contextlib.suppress(Exception):
            if not isinstance(error, StopConsumer):
                log.warning("socket_frame_lost", reason=type(error).__name__)
                await self.close(socket_rounds.SERVICE_RESTART)
            await self.channel_layer.send(self.channel_name, {"type": "desk.probe"})

    async def _join_queues(self) -> None:
        queues = await database_sync_to_async(reads.queue_groups)(self.staff)
        await socket_hub.here().listen(self, frozenset(queues))

    async def _drop(self, public_id: str) -> None:
        self.tickets.discard(public_id)
        socket_hub.here().unwatch(self, public_id)

    async def _drop_if_hidden(self, public_id: str) -> None:
        if await database_sync_to_async(reads.last_seqs)(self.staff, public_id) is None:
            await self._drop(public_id)

    async def _still_allowed(self) -> bool:
        """Read session and person again; close the socket when either has ended."""
        staff = await database_sync_to_async(reads.person_of)(self.session_pk)
        if staff is None or not staff.has(Permission.TICKET_VIEW):
            await self._revoke()
            return False
        self.staff = staff
        return True

    def has_news(self, _rights: Rights | None) -> bool:
        """Desks are few, and the hub knows what each hears: each is looked at."""
        return True

    async def follow(self, rights: Rights | None) -> None:
        """Act on the rights that the last round has read: leave what is no longer to be heard, or close."""
        if rights is None:
            await self._revoke()
            return
        self.staff = rights.staff
        await socket_hub.here().listen(self, rights.queues)
        for public_id in self.tickets - rights.tickets:
            await self._drop_if_hidden(public_id)

    async def probe(self) -> None:
        """Send a message to ourselves through Redis."""
        await self.channel_layer.send(self.channel_name, {"type": "desk.probe"})

    async def desk_probe(self, _message: dict[str, Any]) -> None:
        """The probe came back: what is sent to this session arrives. Now see whether the hub hears too."""
        # One that cannot be sent is one that is not heard.
        with contextlib.suppress(Exception):
            await socket_hub.here().probe(self)

    def heard(self) -> None:
        """The hub has heard its probe: hints arrive."""
        socket_rounds.here().heard(self)

    async def _revoke(self) -> None:
        self._hear_no_more()
        await self._tell(SessionRevoked())
        await self.close(NOT_SIGNED_IN)
