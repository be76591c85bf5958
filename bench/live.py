"""Live: a reply committed through `replies.add` → on other agents' sockets, through the whole running system.

Web, worker, beat, mail and the one socket server are up. Three rates: evenly 50 a second by one writer
(the promise); as many as writers can commit beside all that on this machine, to several watching agents;
and what the socket server alone can take, when the hints of messages that were committed before are
published again without a pause.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import redis
from django.conf import settings

from accounts.models import Staff
from bench import ground
from bench.report import Measured, Row, Target, row
from bench.watcher import Watcher, idle, watching
from bench.writer import Order
from helpdesk.embedded.places import ROOT
from tests.cast import open_session
from tests.support import system
from tests.support.databases import TestStores
from tests.support.system import RunningSystem
from tickets import realtime
from tickets.events import MessageAdded
from tickets.groups import ticket_group
from tickets.models import Message, Ticket

RATE_PER_S = 50
PACED = 500
WARM_UP = 50
WRITERS, PER_WRITER = 2, 750
WATCHERS = 10
TICKETS = 10
FLOOR = 250
IDLE_SOCKETS = 500
QUIET_S = 8.0
# Published and not yet arrived: enough to keep the server busy, little enough not to time out in the publisher.
IN_FLIGHT = 200
FLOOR_CHANNEL = "bench-floor"
Written = list[tuple[str, int, float]]


def measure(stores: TestStores, size: int) -> Measured:
    """Measure the floor, the even pace, the writers' pace, the server's own, then what idle sockets cost."""
    measured = Measured("live", size)
    with ExitStack() as stack:
        name = stack.enter_context(ground.filled(stores, size))
        stack.enter_context(ground.pointed_at(name))
        running = stack.enter_context(whole_system(stores, name))
        staff = list(Staff.objects.order_by("pk"))
        tickets = list(Ticket.objects.filter(status="open", is_spam=False).order_by("pk")[: TICKETS * 2])
        floor = row("floor: bare publish to one subscriber", [bare_publishes()])
        measured.results.append(floor)
        with watching([watcher_of(running, staff[1], tickets[:1])]) as (watcher,):
            write(Order(name, staff[0].pk, [tickets[0].pk], WARM_UP, RATE_PER_S))
            written = write(Order(name, staff[0].pk, [tickets[0].pk], PACED, RATE_PER_S))
            paced = _delivered(f"committed to socket, {RATE_PER_S} a second", written, [watcher])
        measured.results.append(paced)
        floor_ratio = paced.p50_ms / floor.p50_ms
        measured.floors = {"bare_publish_p50_ms": floor.p50_ms, "p50 ÷ bare publish": round(floor_ratio, 2)}
        busy, committed_per_s = _as_writers_can(running, name, staff, tickets[1 : 1 + TICKETS], measured)
        replayed = _replayed(running, staff[1], busy, measured)
        pid = running.processes["sockets"].pid
        cost = asyncio.run(idle(pid, watcher_of(running, staff[2], []), IDLE_SOCKETS, QUIET_S))
    measured.floors |= {
        "committed_per_s": round(committed_per_s, 1),
        "idle_socket_cpu_ms_per_s": round(cost.cpu_ms_per_s, 3),
        "idle_sockets": IDLE_SOCKETS,
    }
    measured.targets += [
        Target("committed to socket, p50 ms", paced.p50_ms, 8.0),
        Target("committed to socket, p99 ms", paced.p99_ms, 30.0),
        Target("committed messages a second through one socket server", round(replayed, 1), 500.0, is_least=True),
        Target("kB per idle socket", round(cost.kb, 1), 60.0),
    ]
    return measured


@contextmanager
def whole_system(stores: TestStores, name: str) -> Iterator[RunningSystem]:
    """Every process of the product, as `make run` starts them."""
    running = system.of_database(stores.session, name)
    running.start()
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


def watcher_of(running: RunningSystem, reader: Staff, tickets: list[Ticket]) -> Watcher:
    key, _session = open_session(reader)
    last = dict(Ticket.objects.filter(pk__in=[one.pk for one in tickets]).values_list("public_id", "last_seq"))
    return Watcher(running.socket_url, settings.SITE_URL, f"{settings.SESSION_COOKIE_NAME}={key}", last)


def write(*orders: Order) -> Written:
    """Let one process for each order write; return what all have committed."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.writer"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in orders
    ]
    for process, order in zip(processes, orders, strict=True):
        _tell(process, order.json())
    for process in processes:
        _hear(process)
    for process in processes:
        _tell(process, "\n")
    written: Written = []
    for process in processes:
        written += [(ticket, seq, at) for ticket, seq, at in json.loads(_hear(process))]
    for process in processes:
        process.communicate("\n")
    return written


def _tell(process: "subprocess.Popen[str]", text: str) -> None:
    if process.stdin is not None:
        process.stdin.write(text)
        process.stdin.flush()


def _hear(process: "subprocess.Popen[str]") -> str:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError("A writer of the bench ended by itself.")
    return line


def _delivered(label: str, written: Written, watchers: list[Watcher]) -> Row:
    """Wait until every watcher has every message, see that each has its row, and sum up commit → socket."""
    names = [(ticket, seq) for ticket, seq, _at in written]
    found = {
        (ticket, seq)
        for ticket, seq in Message.objects.filter(ticket__public_id__in={ticket for ticket, _seq in names}).values_list(
            "ticket__public_id", "seq"
        )
    }
    if not found.issuperset(names):
        raise RuntimeError("A message that was written is not in the database.")
    spans = []
    for watcher in watchers:
        watcher.wait_for(names)
        spans += [max(0.0, (watcher.arrived[ticket, seq] - at) * 1000) for ticket, seq, at in written]
    summed = row(label, [spans])
    first = min(at for _ticket, _seq, at in written)
    last = max(watcher.arrived[name] for watcher in watchers for name in names)
    return Row(
        label, summed.n, summed.p50_ms, summed.p95_ms, summed.p99_ms, round(len(spans) / (last - first), 1),
    )  # fmt: skip


def _as_writers_can(
    running: RunningSystem, name: str, staff: list[Staff], tickets: list[Ticket], measured: Measured
) -> tuple[list[Ticket], float]:
    """Writers without a pause, each on tickets of their own; every watcher looks at all of them."""
    watchers = [watcher_of(running, person, tickets) for person in (staff * WATCHERS)[:WATCHERS]]
    shares = [[one.pk for one in tickets[number::WRITERS]] for number in range(WRITERS)]
    with watching(watchers):
        written = write(*(Order(name, staff[-1 - n].pk, share, PER_WRITER, 0) for n, share in enumerate(shares)))
        measured.results.append(_delivered(f"as {WRITERS} writers can, to {WATCHERS} sockets", written, watchers))
    times = [at for _ticket, _seq, at in written]
    return tickets, len(written) / (max(times) - min(times))


def _replayed(running: RunningSystem, reader: Staff, tickets: list[Ticket], measured: Measured) -> float:
    """Publish the hints of committed messages again, as fast as they arrive; return how many a second did."""
    rows = (
        Message.objects.filter(ticket__in=tickets).order_by("pk").values_list("ticket__public_id", "seq", "public_seq")
    )
    messages = list(rows)
    with watching([watcher_of(running, reader, tickets)]) as (watcher,):
        started = time.monotonic()
        for number, (ticket, seq, public_seq) in enumerate(messages):
            while number - len(watcher.arrived) > IN_FLIGHT:
                time.sleep(0.001)
            realtime.publish((ticket_group(ticket),), MessageAdded(ticket=ticket, seq=seq, public_seq=public_seq))
        label = "committed before, published as fast as they arrive"
        result = _delivered(label, [(ticket, seq, started) for ticket, seq, _public in messages], [watcher])
    measured.results.append(result)
    return result.per_s


def bare_publishes() -> list[float]:
    """Milliseconds from a bare publish to a bare subscriber in this process, at the same even pace."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    heard: list[float] = []
    subscriber = client.pubsub()  # type: ignore[no-untyped-call]
    subscriber.subscribe(FLOOR_CHANNEL)
    subscriber.get_message(timeout=5)
    sent: list[float] = []

    def listen() -> None:
        while len(heard) < FLOOR:
            if subscriber.get_message(ignore_subscribe_messages=True, timeout=5) is not None:
                heard.append(time.monotonic())

    thread = threading.Thread(target=listen)
    thread.start()
    for _ in range(FLOOR):
        sent.append(time.monotonic())
        client.publish(FLOOR_CHANNEL, "x")
        time.sleep(1 / RATE_PER_S)
    thread.join()
    subscriber.close()
    client.close()
    return [(at - since) * 1000 for at, since in zip(heard, sent, strict=True)]
