"""What the desk's sockets of one process hear of tickets and lists: read from Redis once, written out once for all.

Fifty desks that each heard, checked and wrote out every message of their queues did the same work fifty times.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import structlog
from channels.layers import get_channel_layer

from tickets.events import DESK_EVENTS, RowMoved, RowsChanged, TicketChanged
from tickets.groups import ticket_group

# Lists are told at once after a quiet time, then no more often than this, of all that has changed meanwhile.
LISTS_EVERY_S = 0.25

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Frame:
    """What a socket is to send: written out already. Of a `ticket`, it goes only to those who look at it still."""

    text: str
    ticket: str = ""
    # The ticket went to another team: whoever looks at it may see it no more.
    is_move: bool = False


class Listener(Protocol):
    """What the hub needs of a socket."""

    tickets: set[str]

    def hand(self, frame: Frame) -> None:
        """Take what is to be sent; nobody waits until it is."""

    def heard(self) -> None:
        """A message to ourselves came back from Redis."""


class Lists:
    """Sockets that hear of the very same queues: what has changed in them is gathered and told in one frame."""

    def __init__(self, queues: frozenset[str]) -> None:
        self.queues = queues
        self.sockets: set[Listener] = set()
        self.moved: dict[str, set[str]] = {}
        self.counted: set[str] = set()
        self.timer: asyncio.TimerHandle | None = None

    def add(self, row: RowMoved) -> None:
        """Note what has changed; tell it at once when it was quiet."""
        if row.ticket:
            self.moved.setdefault(row.queue, set()).add(row.ticket)
        if row.counts:
            self.counted.add(row.queue)
        if self.timer is None:
            self._tell()

    def waiting(self, queues: AbstractSet[str]) -> Frame | None:
        """Return what has changed in those queues and was not told yet; None when nothing has."""
        tickets = sorted({ticket for queue in queues for ticket in self.moved.get(queue, ())})
        has_counts = not self.counted.isdisjoint(queues)
        if not tickets and not has_counts:
            return None
        return Frame(RowsChanged(tickets=tuple(tickets), counts=has_counts).model_dump_json())

    def end(self) -> None:
        """Nobody is here any more."""
        if self.timer is not None:
            self.timer.cancel()

    def _tell(self) -> None:
        self.timer = None
        frame = self.waiting(self.queues)
        if frame is None:
            return
        self.moved.clear()
        self.counted.clear()
        for socket in self.sockets:
            socket.hand(frame)
        self.timer = asyncio.get_running_loop().call_later(LISTS_EVERY_S, self._tell)


class Hub:
    """The one listener of an event loop; it listens while a socket wants to hear of something."""

    def __init__(self) -> None:
        self.sockets: set[Listener] = set()
        # Who looks at a ticket, by its group; whose lists are made of the same queues; whose lists are whose.
        self.watching: dict[str, set[Listener]] = {}
        self.listening: dict[frozenset[str], Lists] = {}
        self.lists_of: dict[Listener, Lists] = {}
        self.probed: set[Listener] = set()
        self.starting = asyncio.Lock()
        self.channel = ""
        self.task: asyncio.Task[None] | None = None
        # Nobody waits for Redis to be told who has left.
        self.parting: set[asyncio.Task[None]] = set()

    def enter(self, socket: Listener) -> None:
        """The socket is open: until it leaves, it may hear."""
        self.sockets.add(socket)

    async def watch(self, socket: Listener, ticket: str) -> None:
        """Let the socket hear of a ticket that its person may see; returns when nothing of it is missed any more."""
        if socket in self.sockets:
            self.watching.setdefault(ticket_group(ticket), set()).add(socket)
            await self._join(socket, ticket_group(ticket))

    def unwatch(self, socket: Listener, ticket: str) -> None:
        """Let the socket hear no more of a ticket."""
        self._look_away(socket, ticket)
        self._part({ticket_group(ticket)})

    async def listen(self, socket: Listener, queues: frozenset[str]) -> None:
        """Let the socket hear of these queues, which its person may see, and of no others."""
        before = self.lists_of.get(socket)
        if socket not in self.sockets or (before is not None and before.queues == queues):
            return
        after = self.lists_of[socket] = self.listening.setdefault(queues, Lists(queues))
        after.sockets.add(socket)
        heard: frozenset[str] = frozenset()
        if before is not None:
            heard = before.queues
            self._leave_lists(socket, before)
            # What was gathered for the lists that it leaves is told to those alone; this is its part.
            waiting = before.waiting(heard & queues)
            if waiting is not None:
                socket.hand(waiting)
        self._part(heard - queues)
        for queue in queues - heard:
            await self._join(socket, queue)

    def leave(self, socket: Listener) -> None:
        """The socket hears of nothing any more, from this moment on; the last one ends the listening."""
        if socket not in self.sockets:
            return
        self.sockets.discard(socket)
        self.probed.discard(socket)
        groups = {ticket_group(ticket) for ticket in socket.tickets}
        for ticket in socket.tickets:
            self._look_away(socket, ticket)
        lists = self.lists_of.pop(socket, None)
        if lists is not None:
            self._leave_lists(socket, lists)
            groups |= lists.queues
        self._part(groups)
        if not self.sockets and self.task is not None:
            self.task.cancel()
            self.channel, self.task = "", None

    async def probe(self, socket: Listener) -> None:
        """Send a message to the hub through Redis; the socket is told when it comes back."""
        if socket in self.sockets and self.channel:
            self.probed.add(socket)
            await _layer().send(self.channel, {"type": "desk.probe"})

    def _look_away(self, socket: Listener, ticket: str) -> None:
        sockets = self.watching.get(ticket_group(ticket), set())
        sockets.discard(socket)
        if not sockets:
            self.watching.pop(ticket_group(ticket), None)

    def _leave_lists(self, socket: Listener, lists: Lists) -> None:
        lists.sockets.discard(socket)
        if not lists.sockets:
            lists.end()
            self.listening.pop(lists.queues, None)

    async def _join(self, socket: Listener, group: str) -> None:
        async with self.starting:
            if socket not in self.sockets:
                return
            if not self.channel:
                self.channel = await _layer().new_channel()
                self.task = asyncio.create_task(self._hear(self.channel))
            channel = self.channel
        # Asked again when others are there already: it returns behind whoever is still joining.
        await _layer().group_add(group, channel)

    def _part(self, groups: Iterable[str]) -> None:
        """Leave those groups that nobody here hears of any more."""
        silent = [group for group in groups if not self._is_heard(group)]
        if silent and self.channel:
            task = asyncio.create_task(self._discard(silent, self.channel))
            self.parting.add(task)
            task.add_done_callback(self.parting.discard)

    async def _discard(self, groups: Sequence[str], channel: str) -> None:
        with contextlib.suppress(Exception):  # Redis is away, and forgets by itself
            for group in groups:
                # Somebody may have come for it meanwhile.
                if channel != self.channel or not self._is_heard(group):
                    await _layer().group_discard(group, channel)

    def _is_heard(self, group: str) -> bool:
        return group in self.watching or any(group in queues for queues in self.listening)

    async def _hear(self, channel: str) -> None:
        while True:
            message = await _layer().receive(channel)
            try:
                self._take(message)
            except Exception as error:  # noqa: BLE001 -- one message that nobody understands is not the last one
                log.warning("hint_dropped", reason=type(error).__name__)

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "desk.event":
                self._take_event(message["event"])
            case "desk.row":
                row = RowMoved.model_validate(message["row"])
                for queues, lists in self.listening.items():
                    if row.queue in queues:
                        lists.add(row)
            case "desk.probe":
                probed, self.probed = self.probed, set()
                for socket in probed:
                    socket.heard()
            case other:
                raise ValueError(other)

    def _take_event(self, published: dict[str, Any]) -> None:
        """Hand an event of a ticket to those who look at it, whichever group it came by."""
        event = DESK_EVENTS.validate_python(published)
        ticket = getattr(event, "ticket", "")
        is_move = isinstance(event, TicketChanged) and "team" in event.fields
        frame = Frame(event.model_dump_json(), ticket, is_move)
        for socket in self.watching.get(ticket_group(ticket), ()):
            socket.hand(frame)


def here() -> Hub:
    """Return the hub of this event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def _layer() -> Any:  # noqa: ANN401 -- Channels does not type its layers
    return get_channel_layer()
