"""Agents' sockets of the live bench: what arrived when, and what an open socket costs."""

import asyncio
import json
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 60.0
AT_ONCE = 20
Name = tuple[str, int]


@dataclass
class Watcher:
    """One agent's open tab: when each message's hint arrived, by ticket and number."""

    url: str
    origin: str
    cookie: str
    # The tickets it looks at, and how far it has read each.
    tickets: dict[str, int]
    arrived: dict[Name, float] = field(default_factory=dict)
    is_open: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    def connected(self) -> connect:
        """Open a socket as this agent's browser does."""
        return connect(f"{self.url}/ws/desk/", additional_headers={"Cookie": self.cookie}, origin=self.origin)  # type: ignore[arg-type]

    async def watch(self) -> None:
        """Subscribe and note until told to stop."""
        async with self.connected() as socket:
            for ticket, since in self.tickets.items():
                await socket.send(json.dumps({"type": "subscribe", "ticket": ticket, "since": since}))
            await socket.send(json.dumps({"type": "ping"}))
            while not self.stop.is_set():
                try:
                    frame = json.loads(await asyncio.wait_for(socket.recv(), 0.5))
                except TimeoutError:
                    continue
                if frame["type"] == "pong":
                    self.is_open.set()
                elif frame["type"] == "message.added":
                    self.arrived.setdefault((frame["ticket"], frame["seq"]), time.monotonic())

    def wait_for(self, names: Collection[Name], every_s: float = 0.02) -> None:
        """Return when every one of these has arrived; raises RuntimeError when some never do."""
        give_up = time.monotonic() + PATIENCE_S
        while missing := sum(1 for name in names if name not in self.arrived):
            if time.monotonic() > give_up:
                message = f"{missing} of {len(names)} messages never came to the socket."
                raise RuntimeError(message)
            time.sleep(every_s)


@contextmanager
def watching(watchers: Sequence[Watcher]) -> Iterator[Sequence[Watcher]]:
    """All of them open and subscribed, in one thread, until the block ends."""

    async def every() -> None:
        await asyncio.gather(*(one.watch() for one in watchers))

    thread = threading.Thread(target=lambda: asyncio.run(every()))
    thread.start()
    try:
        for one in watchers:
            if not one.is_open.wait(PATIENCE_S):
                raise RuntimeError("A socket of the bench did not open.")
        yield watchers
    finally:
        for one in watchers:
            one.stop.set()
        thread.join()


@dataclass(frozen=True)
class Idle:
    """What one more open socket costs the server: memory, and processor time while nothing happens."""

    kb: float
    cpu_ms_per_s: float


async def idle(pid: int, watcher: Watcher, count: int, quiet_s: float) -> Idle:
    """Open `count` sockets beside some that have filled pools and caches, and see what they cost."""
    opened: list[ClientConnection] = []

    async def open_more(number: int) -> None:
        for start in range(0, number, AT_ONCE):
            opened.extend(await asyncio.gather(*(watcher.connected() for _ in range(min(AT_ONCE, number - start)))))
        await asyncio.sleep(1)

    try:
        await open_more(max(AT_ONCE, count // 10))
        before_kb = proportional_kb(pid)
        await open_more(count)
        after_kb, before_s = proportional_kb(pid), processor_s(pid)
        await asyncio.sleep(quiet_s)
        spent_s = processor_s(pid) - before_s
        return Idle((after_kb - before_kb) / count, 1000 * spent_s / quiet_s / len(opened))
    finally:
        await asyncio.gather(*(socket.close() for socket in opened))


def proportional_kb(pid: int) -> int:
    """Return the proportional set size: all of its own memory and its share of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def processor_s(pid: int) -> float:
    """Return the processor time the process has had so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
