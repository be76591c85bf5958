"""The regular second look at every open socket of this process: one round for all, a few statements each time.

A task and its statements for each socket took half a processor for 550 idle tabs.
"""

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async

from tickets.selectors import sockets as reads

# Rights and session are read again this often, so that a revocation reaches an open socket within 5 s.
RECHECK_S = 4.0
# A thousand at once would keep what comes meanwhile waiting: a round looks at so many, a moment later at the next.
PART, MOST_PARTS = 200, 20
# With Redis away hints are lost without a word: every third round sends one through it.
PROBE_EVERY = 3
# Every third round says too whose sockets are open.
ATTENDANCE_EVERY = 3
# So many sockets at once, of chance: one whose page reads nothing does not hear its probe, and proves nothing.
PROBED = 8
# One that takes longer over its turn is closed: nobody else waits for it.
TURN_S = 2.0
CLOSE_S = 30.0
SERVICE_RESTART = 1012

log = structlog.get_logger(__name__)
# From who is behind each socket, with the tickets it watches, to what each may hear now; who is left out, nothing.
Reading = Callable[[Mapping[int, Collection[str]]], Mapping[int, Any]]
# What upper floors want to be told of the desk's rounds: the sessions (by pk) with an open socket here.
Attendance = Callable[[Collection[int]], object]
attended: list[Attendance] = []


class Watched(Protocol):
    """What a round needs of a socket."""

    session_pk: int
    tickets: set[str]

    def has_news(self, rights: Any) -> bool:  # noqa: ANN401 -- as the reading of its rounds gives them
        """Whether there is anything to follow; most of a thousand sockets have nothing."""

    async def follow(self, rights: Any) -> None:  # noqa: ANN401 -- as above
        """Act on what the person may do now; None when they may do nothing."""

    async def probe(self) -> None:
        """Send a message to itself through Redis and say `heard` when it comes."""

    async def close(self, code: int) -> None:
        """Close; the page comes back and resyncs."""


class Rounds:
    """The rounds of one event loop, which go on while a socket is open; `read` gives the rights of its kind."""

    def __init__(self, read: Reading = reads.rights_now, *, attended: Sequence[Attendance] = ()) -> None:
        self.read = read
        self.attended = attended
        # In the order in which they are looked at.
        self.sockets: dict[Watched, None] = {}
        self.probed: set[Watched] = set()
        self.is_heard = False
        self.task: asyncio.Task[None] | None = None
        # What is being closed is not looked after, and nobody waits until it is.
        self.closing: dict[Watched, asyncio.Task[None]] = {}

    def join(self, socket: Watched) -> None:
        """Look after this socket too."""
        self.sockets[socket] = None
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._forever())

    def leave(self, socket: Watched) -> None:
        """The socket is closed."""
        self.sockets.pop(socket, None)
        self.probed.discard(socket)
        if not self.sockets and self.task is not None:
            self.task.cancel()
            self.task = None

    def heard(self, socket: Watched) -> None:
        """The socket's probe came back."""
        if socket in self.probed:
            self.probed.discard(socket)
            self.is_heard = True

    async def _forever(self) -> None:
        turn = 0.0
        while True:
            parts = min(MOST_PARTS, max(1, -(-len(self.sockets) // PART)))
            await asyncio.sleep(RECHECK_S / parts)
            before, turn = int(turn), turn + 1 / parts
            sockets = self._next(parts)
            doubtful = sockets
            try:
                rights = await database_sync_to_async(self.read)(_wanted(sockets))
                if int(turn) > before and int(turn) % PROBE_EVERY == 0:
                    doubtful = list(self.sockets)
                    await self._probe()
                if int(turn) % ATTENDANCE_EVERY == 0:
                    for tell in self.attended:
                        await database_sync_to_async(tell)({socket.session_pk for socket in sockets})
            except Exception as error:  # noqa: BLE001 -- whatever it was, rights and hints are no longer certain
                log.warning("socket_recheck_failed", reason=type(error).__name__, sockets=len(doubtful))
                self.probed.clear()
                for socket in doubtful:
                    self._close(socket)
                continue
            told = [(socket, rights.get(socket.session_pk)) for socket in sockets]
            await asyncio.gather(*(self._follow(socket, one) for socket, one in told if socket.has_news(one)))

    def _next(self, parts: int) -> list[Watched]:
        """Return those who were not looked at for longest, one of so many parts; they are the last in line now."""
        found = list(itertools.islice(self.sockets, -(-len(self.sockets) // parts)))
        for socket in found:
            self.sockets[socket] = self.sockets.pop(socket)
        return [socket for socket in found if socket not in self.closing]

    async def _probe(self) -> None:
        """Send a message through Redis to some sockets; raises when none has heard the one before.

        A socket that has not while others have does not work off what comes for it: it is closed.
        """
        if self.probed and not self.is_heard:
            raise ConnectionError
        for deaf in self.probed:
            self._close(deaf)
        sockets = list(self.sockets.keys() - self.closing.keys())
        chosen = random.sample(sockets, min(PROBED, len(sockets)))
        self.probed, self.is_heard = set(chosen), False
        async with asyncio.timeout(TURN_S):
            sent = await asyncio.gather(*(socket.probe() for socket in chosen), return_exceptions=True)
        failures = [one for one in sent if isinstance(one, BaseException)]
        if failures and len(failures) == len(sent):
            raise failures[0]

    async def _follow(self, socket: Watched, rights: Any) -> None:  # noqa: ANN401 -- as above
        """One socket that fails or takes no frame must not keep the others from their turn."""
        try:
            async with asyncio.timeout(TURN_S):
                await socket.follow(rights)
        except Exception as error:  # noqa: BLE001 -- as above, for this socket alone
            log.warning("socket_recheck_failed", reason=type(error).__name__, sockets=1)
            self._close(socket)

    def _close(self, socket: Watched) -> None:
        if socket not in self.closing:
            self.closing[socket] = closing = asyncio.create_task(_closed(socket))
            closing.add_done_callback(lambda _done: self.closing.pop(socket, None))


def here() -> Rounds:
    """Return the rounds of this event loop."""
    return _rounds.setdefault(asyncio.get_running_loop(), Rounds(attended=attended))


_rounds: "WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds]" = WeakKeyDictionary()


async def _closed(socket: Watched) -> None:
    """Close, as far as it can be: one that has not gone by then is looked after again."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_S):
            await socket.close(SERVICE_RESTART)


def _wanted(sockets: Iterable[Watched]) -> dict[int, set[str]]:
    wanted: dict[int, set[str]] = {}
    for socket in sockets:
        wanted.setdefault(socket.session_pk, set()).update(socket.tickets)
    return wanted
