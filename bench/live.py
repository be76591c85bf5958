"""Live: a reply committed through `replies.add` → on another agent's socket, through the running socket server."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction
from websockets.asyncio.client import ClientConnection, connect

from accounts.models import Staff
from bench import ground
from bench.report import Measured, Target, row
from core.after_commit import after_commit
from tests.cast import open_session
from tests.support import system
from tests.support.databases import TestStores
from tests.support.system import RunningSystem
from tickets import realtime
from tickets.events import MessageAdded
from tickets.groups import ticket_group
from tickets.models import Message, Ticket
from tickets.services import replies
from tickets.services.senders import Sender

TICKETS = 200
RATE_PER_S = 50
PACED = 250
BURST = 2_000
BURST_FROM = 1_000_000
WARM_UP = 20
IDLE_SOCKETS = 100
PATIENCE_S = 30.0


@dataclass
class Watcher:
    """One agent's socket on one ticket: when each message's hint arrived, by its number."""

    url: str
    cookie: str
    origin: str
    ticket: str
    since: int
    arrived: dict[int, float] = field(default_factory=dict)
    is_open: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    async def watch(self) -> None:
        """Subscribe and note until told to stop."""
        async with self.connected() as socket:
            await socket.send(json.dumps({"type": "subscribe", "ticket": self.ticket, "since": self.since}))
            await socket.send(json.dumps({"type": "ping"}))
            while not self.stop.is_set():
                try:
                    frame = json.loads(await asyncio.wait_for(socket.recv(), 0.5))
                except TimeoutError:
                    continue
                if frame["type"] == "pong":
                    self.is_open.set()
                elif frame["type"] == "message.added" and frame["ticket"] == self.ticket:
                    self.arrived.setdefault(frame["seq"], time.perf_counter())

    def connected(self) -> connect:
        """Open a socket as this agent's browser does."""
        return connect(f"{self.url}/ws/desk/", additional_headers={"Cookie": self.cookie}, origin=self.origin)  # type: ignore[arg-type]


def measure(stores: TestStores, size: int) -> Measured:
    """Pace replies at 50 a second, then hints as fast as they go; then count what an idle socket costs."""
    measured = Measured("live", size)
    with ExitStack() as stack:
        name = stack.enter_context(ground.filled(stores, TICKETS))
        stack.enter_context(ground.pointed_at(name))
        running = stack.enter_context(_sockets(stores, name))
        author, reader = Staff.objects.order_by("pk")[:2]
        ticket = Ticket.objects.filter(status="open", is_spam=False).earliest("pk")
        watcher = _watcher(running, reader, ticket)
        thread = threading.Thread(target=lambda: asyncio.run(watcher.watch()))
        thread.start()
        try:
            if not watcher.is_open.wait(PATIENCE_S):
                raise RuntimeError("The socket of the bench did not open: " + running.logs())
            for _ in range(WARM_UP):
                _reply(ticket, author)
            paced = _deliveries(watcher, [_paced(ticket, author, number) for number in range(PACED)])
            seconds = _burst(watcher, ticket)
        finally:
            watcher.stop.set()
            thread.join()
        idle_kb = asyncio.run(_idle(running, watcher))
    measured.results.append(row(f"committed to socket at {RATE_PER_S} a second", [paced]))
    measured.floors = {  # no floor but the burst and the memory themselves
        "burst_hints_per_s": round(BURST / seconds, 1),
        "idle_socket_kb": round(idle_kb, 1),
    }
    found = measured.results[0]
    measured.targets += [
        Target("committed to socket, p50 ms", found.p50_ms, 8.0),
        Target("committed to socket, p99 ms", found.p99_ms, 30.0),
        Target("hints per second through one socket server", round(BURST / seconds, 1), 500.0, is_least=True),
        Target("kB per idle socket", round(idle_kb, 1), 60.0),
    ]
    return measured


@contextmanager
def _sockets(stores: TestStores, name: str) -> Iterator[RunningSystem]:
    """Only the socket server: web and workers would take its processor."""
    running = system.of_database(stores.session, name)
    running.start("sockets")
    try:
        give_up = time.monotonic() + PATIENCE_S
        while not _answers(running) and time.monotonic() < give_up:
            time.sleep(0.1)
        yield running
    finally:
        running.stop()


def _answers(running: RunningSystem) -> bool:
    async def ask() -> bool:
        try:
            reader, writer = await asyncio.open_connection("localhost", int(running.running.values["WS_PORT"]))
        except OSError:
            return False
        writer.write(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        said = await reader.read(64)
        writer.close()
        return b" 200 " in said

    return asyncio.run(ask())


def _watcher(running: RunningSystem, reader: Staff, ticket: Ticket) -> Watcher:
    key, _session = open_session(reader)
    cookie = f"{settings.SESSION_COOKIE_NAME}={key}"
    return Watcher(running.socket_url, cookie, settings.SITE_URL, ticket.public_id, ticket.last_seq)


def _reply(ticket: Ticket, author: Staff) -> tuple[int, float]:
    """Write one and return its number and the moment it was committed, which is before its hint is published."""
    committed: list[float] = []
    with transaction.atomic():
        after_commit("bench", lambda: committed.append(time.perf_counter()))
        message: Message = replies.add(
            ticket=ticket,
            sender=Sender.of_staff(author),
            channel="email",
            words=replies.Words(text="It is on its way."),
        )
    return message.seq, committed[0]


def _burst(watcher: Watcher, ticket: Ticket) -> float:
    """Publish hints as fast as one process can, no rows behind them; return the seconds until the last arrived."""
    numbers = range(BURST_FROM, BURST_FROM + BURST)
    started = time.perf_counter()
    for seq in numbers:
        hint = MessageAdded(ticket=ticket.public_id, seq=seq, public_seq=None)
        realtime.publish((ticket_group(ticket.public_id),), hint)
    _deliveries(watcher, [(seq, started) for seq in numbers])
    return max(watcher.arrived[seq] for seq in numbers) - started


def _paced(ticket: Ticket, author: Staff, number: int) -> tuple[int, float]:
    started = time.perf_counter()
    written = _reply(ticket, author)
    time.sleep(max(0.0, started + 1 / RATE_PER_S - time.perf_counter()))
    return written


def _deliveries(watcher: Watcher, sent: list[tuple[int, float]]) -> list[float]:
    """Wait for all and return milliseconds from commit to arrival, never below zero."""
    give_up = time.monotonic() + PATIENCE_S
    while any(seq not in watcher.arrived for seq, _at in sent):
        if time.monotonic() > give_up:
            missing = sum(1 for seq, _at in sent if seq not in watcher.arrived)
            raise RuntimeError(f"{missing} of {len(sent)} messages never came to the socket.")
        time.sleep(0.02)
    return [max(0.0, (watcher.arrived[seq] - at) * 1000) for seq, at in sent]


async def _idle(running: RunningSystem, watcher: Watcher) -> float:
    """Return how many kB of memory each further open socket takes."""
    pid = running.processes["sockets"].pid
    opened: list[ClientConnection] = []
    try:
        opened += [await watcher.connected() for _ in range(IDLE_SOCKETS // 5)]  # the first ones fill pools
        before = _resident_kb(pid)
        opened += [await watcher.connected() for _ in range(IDLE_SOCKETS)]
        await asyncio.sleep(1)
        return (_resident_kb(pid) - before) / IDLE_SOCKETS
    finally:
        for socket in opened:
            await socket.close()


def _resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
