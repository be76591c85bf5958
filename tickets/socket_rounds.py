"""The regular second look at every open socket of this process: one round for all, a few statements each time.

A task and its statements for each socket took half a processor for 550 idle tabs.
"""

import asyncio
import itertools
from collections.abc import Iterable
from typing import Protocol
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async

from tickets.selectors import sockets as reads
from tickets.selectors.sockets import Rights

# Rights and session are read again this often, so that a revocation reaches an open socket within 5 s.
RECHECK_S = 4.0
# With Redis away hints are lost without a word: every third round sends one through it.
PROBE_EVERY = 3
SERVICE_RESTART = 1012

log = structlog.get_logger(__name__)


class Watched(Protocol):
    """What a round needs of a socket."""

    session_pk: int
    tickets: set[str]

    async def follow(self, rights: Rights | None) -> None:
        """Act on what the person may do now; None when they may do nothing."""

    async def probe(self) -> None:
        """Send a message to itself through Redis and say `heard` when it comes."""

    async def close(self, code: int) -> None:
        """Close; the page comes back and resyncs."""


class Rounds:
    """The rounds of one event loop, which go on while a socket is open."""

    def __init__(self) -> None:
        self.sockets: set[Watched] = set()
        self.prober: Watched | None = None
        self.task: asyncio.Task[None] | None = None

    def join(self, socket: Watched) -> None:
        """Look after this socket too."""
        self.sockets.add(socket)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._forever())

    def leave(self, socket: Watched) -> None:
        """The socket is closed."""
        self.sockets.discard(socket)
        self.heard(socket)
        if not self.sockets and self.task is not None:
            self.task.cancel()
            self.task = None

    def heard(self, socket: Watched) -> None:
        """The socket's probe came back, or it is gone and can no longer hear it."""
        if self.prober is socket:
            self.prober = None

    async def _forever(self) -> None:
        for turn in itertools.count(1):
            await asyncio.sleep(RECHECK_S)
            sockets = tuple(self.sockets)
            try:
                rights = await database_sync_to_async(reads.rights_now)(_wanted(sockets))
                if turn % PROBE_EVERY == 0:
                    await self._probe()
            except Exception as error:  # noqa: BLE001 -- whatever it was, rights and hints are no longer certain
                log.warning("socket_recheck_failed", reason=type(error).__name__, sockets=len(sockets))
                await asyncio.gather(*(socket.close(SERVICE_RESTART) for socket in sockets), return_exceptions=True)
                self.prober = None
                continue
            for socket in sockets:
                await _follow(socket, rights.get(socket.session_pk))

    async def _probe(self) -> None:
        """Send one message through Redis to any one socket; raises when the one before has not come back."""
        if self.prober is not None:
            raise ConnectionError
        self.prober = next(iter(self.sockets), None)
        if self.prober is not None:
            await self.prober.probe()


def here() -> Rounds:
    """Return the rounds of this event loop."""
    return _rounds.setdefault(asyncio.get_running_loop(), Rounds())


_rounds: "WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds]" = WeakKeyDictionary()


async def _follow(socket: Watched, rights: Rights | None) -> None:
    """One socket that fails must not keep the others from their turn."""
    try:
        await socket.follow(rights)
    except Exception as error:  # noqa: BLE001 -- as above, for this socket alone
        log.warning("socket_recheck_failed", reason=type(error).__name__, sockets=1)
        await asyncio.gather(socket.close(SERVICE_RESTART), return_exceptions=True)


def _wanted(sockets: Iterable[Watched]) -> dict[int, set[str]]:
    wanted: dict[int, set[str]] = {}
    for socket in sockets:
        wanted.setdefault(socket.session_pk, set()).update(socket.tickets)
    return wanted
