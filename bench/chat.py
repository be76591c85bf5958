"""Chat: 1,000 connected visitors and 50 agents at one socket server; visitors by the widget's own modules.

Everything of the product is up. Visitors write by their door (acknowledged means committed) and read by it after
each hint; agents hear through their sockets, and answer through `replies.add` in a process of its own.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from accounts.models import Staff
from bench import first_interaction, ground, live
from bench.report import Measured, Row, Target, row
from bench.watcher import Watcher, proportional_kb, watching
from bench.writer import Order, words_of
from livechat.models import Chat
from tests.factories.livechat import ChatInboxFactory
from tests.support import crowd
from tests.support.crowd import Crowd
from tests.support.databases import TestStores
from tickets.models import Message, Ticket

VISITORS, AGENTS = 1_000, 50
PER_S, SECONDS = 50, 12
WARM_UP = 100
AT_ONCE = 600
ECHOES = 250
PATIENCE_S = 120.0


def measure(stores: TestStores, size: int) -> Measured:
    """Measure the floors, the even pace, what is the most, idle sockets, everybody's return, and a first visit."""
    measured = Measured("chat", size)
    visitors = min(VISITORS, size)
    with ExitStack() as stack:
        name = stack.enter_context(ground.filled(stores, max(100, size // 10)))
        stack.enter_context(ground.pointed_at(name))
        running = stack.enter_context(live.whole_system(stores, name))
        inbox = ChatInboxFactory.create(slug="bench")
        echo = row("floor: bare websocket echo", [asyncio.run(_echoes())])
        pubsub = row("floor: bare publish to one subscriber", [live.bare_publishes()])
        people = stack.enter_context(crowd.gathered(running, inbox))
        pid = running.processes["sockets"].pid
        before_kb = proportional_kb(pid)
        chats = people.open([f"First words of visitor {number}" for number in range(visitors)])
        kb = (proportional_kb(pid) - before_kb) / visitors
        tickets = list(Ticket.objects.filter(chat__public_id__in=chats).order_by("pk"))
        agents = list(Staff.objects.order_by("pk"))
        measured.results += [echo, pubsub]
        with watching(
            [live.watcher_of(running, (agents * AGENTS)[n], tickets[n::AGENTS]) for n in range(AGENTS)]
        ) as desk:
            acknowledged, to_desk, to_visitor = _evenly(name, people, desk, tickets, agents[0])
            measured.results += [acknowledged, to_desk, to_visitor]
            most = _as_much_as_goes(people, visitors)
            measured.results.append(most)
        back = _all_return(people, chats, tickets, name, agents[0])
        measured.results.append(back)
        first = row("widget: first interaction, 200 ms, 1.6 Mbit/s", [first_interaction.times(running, inbox)])
        measured.results.append(first)
    measured.floors = {
        "echo_p50_ms": echo.p50_ms,
        "publish_p50_ms": pubsub.p50_ms,
        "acknowledged ÷ echo": round(acknowledged.p50_ms / echo.p50_ms, 1),
        "visitors": visitors,
        "agents": AGENTS,
    }
    measured.targets += [
        Target("acknowledged, p50 ms", acknowledged.p50_ms, 15.0),
        Target("acknowledged, p99 ms", acknowledged.p99_ms, 60.0),
        Target("shown to the desk, p50 ms", to_desk.p50_ms, 20.0),
        Target("shown to the desk, p99 ms", to_desk.p99_ms, 80.0),
        Target("shown to the visitor, p50 ms", to_visitor.p50_ms, 20.0),
        Target("shown to the visitor, p99 ms", to_visitor.p99_ms, 80.0),
        Target("stored messages a second, at most", most.per_s, 300.0, is_least=True),
        Target("kB per idle socket", round(kb, 1), 60.0),
        Target("everybody caught up after a return, p95 ms", back.p95_ms, 3_000.0),
        Target("first interaction, p95 ms", first.p95_ms, 1_000.0),
    ]
    return measured


def _evenly(
    name: str, people: Crowd, desk: Sequence[Watcher], tickets: list[Ticket], agent: Staff
) -> tuple[Row, Row, Row]:
    """Half of the pace is written by visitors, half by an agent, at the same time."""
    live.write(Order(name, agent.pk, [one.pk for one in tickets[:50]], WARM_UP, PER_S, "chat"))
    count = PER_S * SECONDS // 2
    texts = [f"Evenly {number}" for number in range(count)]
    order = Order(name, agent.pk, [one.pk for one in tickets[len(tickets) // 2 :]], count, PER_S / 2, "chat")
    written: list[live.Written] = []
    writer = threading.Thread(target=lambda: written.append(live.write(order)))
    writer.start()
    began = time.monotonic()
    for number, text in enumerate(texts):
        time.sleep(max(0.0, began + number / (PER_S / 2) - time.monotonic()))
        people.say([(number % (len(tickets) // 2), 0, text)])
    writer.join()
    seconds = time.monotonic() - began
    _acknowledged(people, texts)
    answers = {words_of(ticket, number): at for number, (ticket, _seq, at) in enumerate(written[0])}
    _wait(lambda: answers.keys() <= people.journal().arrived.keys(), "Answers of the agent never came.")
    journal = people.journal()
    spans = [(journal.acknowledged[text] - journal.written[text]) * 1000 for text in texts]
    places = _places(texts)
    for one in desk:
        one.wait_for([place for place in places.values() if place[0] in one.tickets])
    heard = {place: at for one in desk for place, at in tuple(one.arrived.items())}
    to_desk = [(heard[places[text]] - journal.written[text]) * 1000 for text in texts]
    to_visitor = [(journal.arrived[words] - at) * 1000 for words, at in answers.items()]
    rate = round(2 * count / seconds, 1)
    return (
        _paced(f"visitor to acknowledged, {PER_S} a second in all", spans, rate),
        _paced("visitor's words to the desk's sockets", to_desk, rate),
        _paced("agent's commit to shown in the widget", to_visitor, rate),
    )


def _as_much_as_goes(people: Crowd, visitors: int) -> Row:
    """Everybody writes at once; how many a second are stored until the last one is."""
    texts = [f"At once {number}" for number in range(AT_ONCE)]
    people.say([(number % visitors, 0, text) for number, text in enumerate(texts)])
    _acknowledged(people, texts)
    journal = people.journal()
    spans = [(journal.acknowledged[text] - journal.written[text]) * 1000 for text in texts]
    first, last = min(journal.written[text] for text in texts), max(journal.acknowledged[text] for text in texts)
    return _paced(f"{AT_ONCE} at once: written to acknowledged", spans, round(len(texts) / (last - first), 1))


def _all_return(people: Crowd, chats: list[str], tickets: list[Ticket], name: str, agent: Staff) -> Row:
    """All lose the network, some are written to, and all come back in the same moment."""
    everybody = range(len(chats))
    people.online(everybody, is_on=False)
    live.write(Order(name, agent.pk, [one.pk for one in tickets[::4]], len(tickets[::4]), 0, "chat"))
    lasts = dict(Chat.objects.filter(public_id__in=chats).values_list("public_id", "ticket__last_public_seq"))
    began = time.monotonic()
    people.online(everybody, is_on=True)
    found = people.caught_up(lasts, connected=True, patience_s=PATIENCE_S)
    if len(found) < len(chats):
        message = f"{len(chats) - len(found)} visitors never caught up."
        raise RuntimeError(message)
    return _paced(
        f"{len(chats)} back at once: connected and caught up", [(at - began) * 1000 for at in found.values()], 0
    )


def _acknowledged(people: Crowd, texts: Sequence[str]) -> None:
    wanted = set(texts)
    _wait(lambda: wanted <= people.journal().acknowledged.keys(), "Messages of visitors were never acknowledged.")


def _wait(is_so: Callable[[], bool], otherwise: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > give_up:
            raise RuntimeError(otherwise)
        time.sleep(0.1)


def _places(texts: Sequence[str]) -> dict[str, tuple[str, int]]:
    rows = Message.objects.filter(text__in=texts).values_list("text", "ticket__public_id", "seq")
    return {text: (ticket, seq) for text, ticket, seq in rows}


def _paced(label: str, spans: Sequence[float], per_s: float) -> Row:
    summed = row(label, [spans])
    return Row(label, summed.n, summed.p50_ms, summed.p95_ms, summed.p99_ms, per_s)


async def _echoes() -> list[float]:
    """Milliseconds from sending a hundred bytes to having them back, on this machine's loopback."""

    async def echo(socket: ServerConnection) -> None:
        async for message in socket:
            await socket.send(message)

    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}") as socket:
            return [await _echoed(socket) for _ in range(ECHOES)]


async def _echoed(socket: ClientConnection) -> float:
    started = time.monotonic()
    await socket.send("x" * 100)
    await socket.recv()
    return (time.monotonic() - started) * 1000
