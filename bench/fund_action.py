"""Fund action: an agent's request to the exchange having done it; executions that race for one action; a freeze.

The verifier and the exchange are processes of their own, as in production; passkeys are made and used in software. What
is measured is our own way, without the seconds in which a person reads and touches a key.
"""

import http.client
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client

from bench import ground
from bench.report import Measured, Row, Target, row
from security.exchange import client as back_channel
from security.models import Execution, FundOrder
from security.verifier_client import ask, complaint
from tests.factories.customers import open_portal
from tests.support import fund_scene, moved_clock, system
from tests.support.databases import TestStores
from tests.support.fund_scene import FundScene, Held
from tests.support.system import RunningSystem

ROUNDS, PER_ROUND, WARM_UP = 5, 20, 5
FLOOR = 200
RACERS, TRIES, RACES = 4, 25, 20
# Below what one address may do in a minute.
FREEZES = 15
FREEZE_S = 10.0
LOOK_S, PATIENCE_S = 0.005, 60.0
FREEZE = "/portal/security/freeze/"
EXECUTE = "INSERT INTO security_execution (action_id, check_id, approver_id) VALUES (%s, %s, %s)"
INSERT = "INSERT INTO security_usedhandoff (issuer, jti) VALUES ('bench', %s)"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def measure(stores: TestStores, size: int) -> Measured:
    """Measure the floors, the whole way, the race, and the freeze."""
    measured = Measured("fund-action", size)
    with ExitStack() as stack:
        name = stack.enter_context(ground.prepared(stores))
        stack.enter_context(ground.pointed_at(name))
        running = stack.enter_context(_running(stores, name))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        there = stack.enter_context(fund_scene.at_the_exchange(folder, origin=running.url))
        with stores.owner(name) as owner:
            # Back and on again: where it is after the second move is where it was.
            scene = fund_scene.people(
                there, origin=running.url, customers=FREEZES + 1,
                move=lambda by: moved_clock.set_ahead(owner, min(by, timedelta())),
            )  # fmt: skip
        running.start("web")
        _wait(partial(_is_up, running))
        steady = scene.customers.pop()
        inserts = row("floor: one committed INSERT", [_each(FLOOR, _insert)])
        pings = row("floor: one question to the verifier", [_each(FLOOR, lambda _n: ask("ping"))])
        measured.results += [inserts, pings]
        whole = _whole_way(scene, steady, inserts)
        race = _races(stores, name, scene, steady)
        frozen = _freezes(running, scene)
        measured.results += [whole, race, frozen]
    measured.floors = {
        "insert_p50_ms": inserts.p50_ms, "ping_p50_ms": pings.p50_ms,
        "whole way ÷ INSERT": round(whole.p50_ms / inserts.p50_ms, 1),
    }  # fmt: skip
    measured.targets += [
        Target("request to executed, p95 ms", whole.p95_ms, 1000.0),
        Target("racing executions a second", race.per_s, 100.0, is_least=True),
        Target("portal freeze to frozen at the exchange, slowest ms", frozen.p99_ms, FREEZE_S * 1000),
    ]
    return measured


@contextmanager
def _running(stores: TestStores, name: str) -> Iterator[RunningSystem]:
    """The verifier, and later the pages."""
    running = system.of_database(stores.session, name)
    running.start("verifier")
    try:
        _wait(lambda: not complaint())
        yield running
    finally:
        running.stop()


def _wait(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > give_up:
            raise RuntimeError("What the bench stands on does not come up.")
        time.sleep(LOOK_S)


def _is_up(running: RunningSystem) -> bool:
    try:
        channel = http.client.HTTPConnection("localhost", int(running.running.values["PORT"]), timeout=PATIENCE_S)
        channel.request("GET", "/healthz")
        return channel.getresponse().status == 200
    except OSError:
        return False


def _each(times: int, act: Callable[[int], object]) -> list[float]:
    return [ground.timed(lambda number=number: act(number)) for number in range(times)]  # type: ignore[misc]


def _insert(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [f"{number}-{time.monotonic_ns()}"])


def _whole_way(scene: FundScene, held: Held, floor: Row) -> Row:
    """Request, check and approval, each with its passkey, until the exchange has answered that it is done."""

    def go(_number: int) -> None:
        action = scene.request(held)
        scene.check(held, action)
        scene.approve(action)
        if FundOrder.objects.get(action=action).state != FundOrder.State.EXECUTED:
            raise RuntimeError("The exchange has not done what it was asked for.")

    _each(WARM_UP, go)
    rounds = [_each(PER_ROUND, go) for _round in range(ROUNDS)]
    sql = ground.statements(lambda: go(0))
    middle = statistics.median(ms for one in rounds for ms in one)
    return row("request to executed", rounds, sql=sql, ratio=round(floor.p50_ms / middle, 3))


def _races(stores: TestStores, name: str, scene: FundScene, held: Held) -> Row:
    """Several connections of the application's role try to execute one action, again and again: one of all wins."""
    rounds: list[list[float]] = []
    rates: list[float] = []
    with ExitStack() as stack:
        links = [stack.enter_context(stores.connect("APP", name)) for _racer_number in range(RACERS)]
        for link in links:
            link.autocommit = True
        for _race in range(RACES):
            ready, spans, wins = list(scene.ready(held)), list[float](), list[int]()
            threads = [threading.Thread(target=_racer, args=(link, ready, spans, wins)) for link in links]
            started = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            rates.append(len(spans) / (time.perf_counter() - started))
            rounds.append(spans)
            if len(wins) != 1 or Execution.objects.filter(action=ready[0]).count() != 1:
                raise RuntimeError(f"{len(wins)} of {len(spans)} have executed one action.")
    summed = row(f"{RACERS} racing for one action, one wins", rounds)
    return replace(summed, per_s=round(statistics.median(rates), 1))


def _racer(app: "psycopg.Connection[Any]", values: list[int], spans: list[float], wins: list[int]) -> None:
    for _try in range(TRIES):
        started = time.perf_counter()
        try:
            app.execute(EXECUTE, values)
            wins.append(1)
        except psycopg.errors.UniqueViolation:
            pass
        spans.append((time.perf_counter() - started) * 1000)


def _freezes(running: RunningSystem, scene: FundScene) -> Row:
    """The portal's button, by HTTP, until the exchange itself says that the account is frozen."""
    spans = [ground.timed(_freezing(running, held)) for held in scene.customers]
    return row("portal freeze to frozen at the exchange", [spans])


def _freezing(running: RunningSystem, held: Held) -> Callable[[], None]:
    """Open the page; return what presses the button and waits for the exchange."""
    browser = Client()
    open_portal(browser, held.customer)
    cookie = f"{settings.PORTAL_COOKIE_NAME}={browser.cookies[settings.PORTAL_COOKIE_NAME].value}"
    page, said = _ask(running, "GET", cookie)
    cookie += f"; {said.split(';')[0]}"
    found = TOKEN.search(page)
    form = urlencode({"csrfmiddlewaretoken": found[1] if found else ""})

    def press() -> None:
        _ask(running, "POST", cookie, form)
        _wait(lambda: bool(back_channel.get(f"/accounts/{held.account_id}").body["frozen_at"]))

    return press


def _ask(running: RunningSystem, method: str, cookie: str, form: str = "") -> tuple[str, str]:
    channel = http.client.HTTPConnection("localhost", int(running.running.values["PORT"]), timeout=PATIENCE_S)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        channel.request(method, FREEZE, form, headers)
        answer = channel.getresponse()
        page = answer.read().decode()
    finally:
        channel.close()
    if answer.status not in (200, 302):
        raise RuntimeError(f"{method} {FREEZE} was answered with {answer.status}.")
    return page, answer.headers.get("Set-Cookie", "")
