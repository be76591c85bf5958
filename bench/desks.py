"""Desks: fifty agents' sockets at one socket server, each with two open tickets, while hints of messages are published.

What one message costs the server when all of them see its queue and one of them looks at its ticket: evenly, which
is the promise of promptness, and as fast as those who look hear.
"""

import time
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack

from accounts.models import Staff
from bench import ground, live
from bench.report import Measured, Row, Target, percentile
from bench.watcher import Watcher, processor_s, watching
from tests.support.databases import TestStores
from tickets import effects
from tickets.models import Message, Ticket

DESKS, TICKETS_EACH = 50, 2
RATE_PER_S = 50
MESSAGES = 1_000
# Published and not yet arrived: little enough not to time out in the publisher.
IN_FLIGHT = 40
REST_S = 1.0


def measure(stores: TestStores, size: int) -> Measured:
    """Publish the hints of stored messages at an even pace, then without a pause."""
    measured = Measured("desks", size)
    with ExitStack() as stack:
        name = stack.enter_context(ground.filled(stores, size))
        stack.enter_context(ground.pointed_at(name))
        running = stack.enter_context(live.whole_system(stores, name))
        people = list(Staff.objects.order_by("pk"))
        tickets = list(Ticket.objects.filter(status="open", is_spam=False).order_by("pk")[: DESKS * TICKETS_EACH])
        desks = [live.watcher_of(running, (people * DESKS)[n], tickets[n::DESKS]) for n in range(DESKS)]
        messages = [Message.objects.filter(ticket=one).select_related("ticket").order_by("pk")[0] for one in tickets]
        pid = running.processes["sockets"].pid
        with watching(desks):
            evenly, even_ms = _published(pid, desks, messages, "evenly", 1 / RATE_PER_S)
            at_once, ms = _published(pid, desks, messages, "as fast as they are heard", 0)
    measured.results += [evenly, at_once]
    measured.floors = {
        "processor_ms_per_message": round(ms, 3),
        "processor_ms_per_message_evenly": round(even_ms, 3),
        "desks": DESKS,
    }
    measured.targets += [
        Target(f"shown to who looks at it, {RATE_PER_S} a second, p50 ms", evenly.p50_ms, 20.0),
        Target("messages a second through one socket server", at_once.per_s, 300.0, is_least=True),
        Target("processor ms of the socket server for a message", round(ms, 3), 1.0),
    ]
    return measured


def _published(
    pid: int, desks: Sequence[Watcher], messages: Sequence[Message], label: str, pause_s: float
) -> tuple[Row, float]:
    """Publish hints of messages with numbers of their own; what the one who looks waited, and the server's time."""
    before_s, began = processor_s(pid), time.monotonic()
    first = 1_000_000 if pause_s else 2_000_000
    sent: dict[tuple[str, int], float] = {}
    heard = {ticket: desk for desk in desks for ticket in desk.tickets}
    under_way: deque[tuple[str, int]] = deque()
    for number in range(MESSAGES):
        message = messages[number % len(messages)]
        message.seq = first + number
        if pause_s:
            time.sleep(max(0.0, began + number * pause_s - time.monotonic()))
        place = (message.ticket.public_id, message.seq)
        under_way.append(place)
        if len(under_way) > IN_FLIGHT:
            heard[under_way[0][0]].wait_for([under_way[0]], every_s=0.001)
            under_way.popleft()
        sent[place] = time.monotonic()
        effects.message_added(message.ticket, message)
    for desk in desks:
        desk.wait_for([place for place in sent if place[0] in desk.tickets])
    spans = sorted((heard[place[0]].arrived[place] - at) * 1000 for place, at in sent.items())
    rate = MESSAGES / (max(heard[place[0]].arrived[place] for place in sent) - began)
    time.sleep(REST_S)
    spent_ms = 1000 * (processor_s(pid) - before_s) / MESSAGES
    p50, p95, p99 = (percentile(spans, one) for one in (50, 95, 99))
    return Row(label, MESSAGES, p50, p95, p99, round(rate, 1)), spent_ms
