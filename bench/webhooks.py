"""Webhooks: signed events acknowledged by one web process, with the raw row on disk, and events handled to tickets."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from urllib.parse import urlsplit

from bench import ground
from bench.report import Measured, Row, Target, row
from tests.support import system
from tests.support.databases import TestStores
from tests.support.system import RunningSystem, wait_for
from tickets.channels.telegram.accounts import SECRET_HEADER
from tickets.models import SocialAccount, SocialEvent, Ticket
from tickets.services import social_intake

SENDERS = 16
AT_MOST = 3_000
PACE_PER_S, SECONDS = 100, 15
WARM_UP = 200
HANDLED = 600
# Of each chat so many messages: the first opens a ticket, the others join it.
PER_CHAT = 2
SECRET = "bench-secret"  # noqa: S105 -- of a database that is thrown away
PATIENCE_S = 60.0
_numbers = count(1)


def measure(stores: TestStores, size: int) -> Measured:
    """Measure as much as goes, an even pace, and what one worker makes of it."""
    measured = Measured("webhooks", size)
    with ExitStack() as stack:
        name = stack.enter_context(ground.filled(stores, max(100, size // 10)))
        stack.enter_context(ground.pointed_at(name))
        account = SocialAccount.objects.create(kind="telegram", name="Bench", token="1:bench", webhook_secret=SECRET)  # noqa: S106 -- of a database that is thrown away
        running = stack.enter_context(_web_alone(stores, name))
        path = f"/hooks/telegram/{account.public_id}/"
        _send(running, path, [event() for _ in range(WARM_UP)], per_s=0)
        took, seconds = _send(running, path, [event() for _ in range(AT_MOST)], per_s=0)
        most = replace(row(f"acknowledged, {SENDERS} at once", [took]), per_s=round(len(took) / seconds, 1))
        took, seconds = _send(running, path, [event() for _ in range(PACE_PER_S * SECONDS)], per_s=PACE_PER_S)
        paced = replace(row(f"acknowledged, {PACE_PER_S} a second", [took]), per_s=round(len(took) / seconds, 1))
        sent = WARM_UP + AT_MOST + PACE_PER_S * SECONDS
        if SocialEvent.objects.count() != sent:
            message = f"{sent} events were acknowledged and {SocialEvent.objects.count()} are there."
            raise RuntimeError(message)
        running.stop()
        SocialEvent.objects.exclude(pk__in=SocialEvent.objects.order_by("pk")[:HANDLED].values("pk")).update(
            state=SocialEvent.State.IGNORED
        )
        handled = _handled()
    measured.results += [most, paced, handled]
    measured.targets += [
        Target("acknowledged a second by one web process", most.per_s, 300, is_least=True),
        Target(f"acknowledged at {PACE_PER_S} a second, p99 ms", paced.p99_ms, 50),
        Target("handled a second by one worker", handled.per_s, 60, is_least=True),
    ]
    return measured


def event() -> bytes:
    """Return an update as Telegram sends them, of its own number."""
    number = next(_numbers)
    chat_id = 1_000_000 + number // PER_CHAT
    who = {"id": chat_id, "is_bot": False, "first_name": "Bench", "language_code": "en"}
    said = {
        "message_id": number,
        "date": 1_750_000_000,
        "chat": {"id": chat_id, "type": "private", "first_name": "Bench"},
        "from": who,
        "text": f"My deposit {number} has not arrived and I have waited for two days now.",
    }
    return json.dumps({"update_id": 500_000 + number, "message": said}).encode()


@contextmanager
def _web_alone(stores: TestStores, name: str) -> Iterator[RunningSystem]:
    """The web process, and nobody who would work beside it."""
    running = system.of_database(stores.session, name)
    running.start("web")
    try:
        wait_for(lambda: _is_up(running), "the web process answers", PATIENCE_S)
        yield running
    finally:
        running.stop()


def _is_up(running: RunningSystem) -> bool:
    try:
        connection = _connection(running)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False


def _connection(running: RunningSystem) -> http.client.HTTPConnection:
    url = urlsplit(running.url)
    return http.client.HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE_S)


def _send(running: RunningSystem, path: str, events: Sequence[bytes], *, per_s: float) -> tuple[list[float], float]:
    """Send events over SENDERS connections, evenly or as fast as they go; milliseconds of each, and seconds of all.

    At an even pace the time of one counts from when it was due, so that a stall counts for all that wait behind it.
    """
    took: list[float] = []
    failed: list[int] = []
    began = time.perf_counter()

    def sender(place: int) -> None:
        connection = _connection(running)
        headers = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}
        for number in range(place, len(events), SENDERS):
            due = began + number / per_s if per_s else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("POST", path, events[number], headers)
            answer = connection.getresponse()
            answer.read()
            took.append((time.perf_counter() - due) * 1000)
            if answer.status != http.client.OK:
                failed.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=sender, args=(place,)) for place in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed or len(took) != len(events):
        message = f"Not every event was acknowledged: {failed[:5]}, {len(took)} of {len(events)}."
        raise RuntimeError(message)
    return took, time.perf_counter() - began


def _handled() -> Row:
    """Let one worker take what waits; a share of each turn's time for each of its events."""
    before, tickets = _waiting(), Ticket.objects.count()
    took: list[float] = []
    while (left := before - len(took)) > 0:
        began = time.perf_counter()
        social_intake.accept_waiting(limit=20)
        done = left - _waiting()
        if not done:
            break
        took += [(time.perf_counter() - began) * 1000 / done] * done
    if _waiting() or Ticket.objects.count() - tickets < before // PER_CHAT:
        message = f"{_waiting()} of {before} events wait, {Ticket.objects.count() - tickets} tickets were opened."
        raise RuntimeError(message)
    return row(f"handled, queue of {before}", [took])


def _waiting() -> int:
    return SocialEvent.objects.filter(state=SocialEvent.State.STORED).count()
