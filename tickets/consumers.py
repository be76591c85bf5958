"""The desk's socket: one per browser tab, subscriptions by ticket and by queue, rights read again at each frame."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from pydantic import ValidationError

from accounts.models import Staff
from accounts.permissions import Permission
from tickets import socket_rounds
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
    TicketChanged,
)
from tickets.groups import staff_group, ticket_group
from tickets.selectors import sockets as reads
from tickets.selectors.sockets import Rights

NOT_SIGNED_IN = 4401
FORBIDDEN = 4403
BAD_FRAME = 1008
MAX_TICKETS = 20
MAX_FRAME = 4096
# A page that reads nothing lets no frame through for ever, and all that comes for its socket would wait behind it.
TAKEN_WITHIN_S = 5.0


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

    async def connect(self) -> None:
        """Accept staff who may see tickets; join the queues they may see and their session's own group."""
        staff, session = self.scope.get("staff"), self.scope.get("staff_session")
        await self.accept()
        if staff is None or session is None:
            await self.close(NOT_SIGNED_IN)
            return
        if not staff.has(Permission.TICKET_VIEW):
            await self.close(FORBIDDEN)
            return
        self.staff, self.session_pk = staff, session.pk
        self.tickets: set[str] = set()
        self.queues: set[str] = set()
        self.own_groups = {f"session.{session.public_id}", staff_group(staff.public_id)}
        for group in self.own_groups:
            await self.channel_layer.group_add(group, self.channel_name)
        await self._join_queues()
        socket_rounds.here().join(self)

    async def disconnect(self, code: int) -> None:
        """Leave every group."""
        socket_rounds.here().leave(self)
        if hasattr(self, "own_groups"):
            groups = {*self.own_groups, *self.queues, *(ticket_group(one) for one in self.tickets)}
            for group in groups:
                await self.channel_layer.group_discard(group, self.channel_name)

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
        """Forward one published event after checking its shape."""
        event = DESK_EVENTS.validate_python(message["event"])
        if isinstance(event, TicketChanged) and "team" in event.fields and event.ticket in self.tickets:
            await self._drop_if_hidden(event.ticket)
        await self._tell(event)

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
        await self.channel_layer.group_add(ticket_group(frame.ticket), self.channel_name)
        self.tickets.add(frame.ticket)
        # Read again behind the join: what was added between the two is not missed.
        seq, public_seq = await database_sync_to_async(reads.last_seqs)(self.staff, frame.ticket) or last
        if seq > frame.since:
            behind = MessageAdded(ticket=frame.ticket, seq=seq, public_seq=public_seq)
            await self._tell(behind)

    async def _tell(self, event: Event) -> None:
        await self.send(text_data=event.model_dump_json())

    async def _join_queues(self) -> None:
        await self._listen_to(await database_sync_to_async(reads.queue_groups)(self.staff))

    async def _listen_to(self, wanted: set[str] | frozenset[str]) -> None:
        for group in wanted - self.queues:
            await self.channel_layer.group_add(group, self.channel_name)
        for group in self.queues - wanted:
            await self.channel_layer.group_discard(group, self.channel_name)
        self.queues = set(wanted)

    async def _drop(self, public_id: str) -> None:
        self.tickets.discard(public_id)
        await self.channel_layer.group_discard(ticket_group(public_id), self.channel_name)

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

    async def follow(self, rights: Rights | None) -> None:
        """Act on the rights that the last round has read: leave what is no longer to be heard, or close."""
        if rights is None:
            await self._revoke()
            return
        self.staff = rights.staff
        await self._listen_to(rights.queues)
        for public_id in self.tickets - rights.tickets:
            await self._drop_if_hidden(public_id)

    async def probe(self) -> None:
        """Send a message to ourselves through Redis."""
        await self.channel_layer.send(self.channel_name, {"type": "desk.probe"})

    async def desk_probe(self, _message: dict[str, Any]) -> None:
        """The probe came back: hints arrive."""
        socket_rounds.here().heard(self)

    async def _revoke(self) -> None:
        await self._tell(SessionRevoked())
        await self.close(NOT_SIGNED_IN)
