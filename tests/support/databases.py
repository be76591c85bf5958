"""Databases for tests: clones of the migrated template, always reached as the app role, never flushed."""

import os
import secrets
import subprocess
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import redis
import structlog
import time_machine
from django.db import connections
from django.db.backends.signals import connection_created
from psycopg import sql
from pytest_django import DjangoDbBlocker

from core import rate_limits
from helpdesk.embedded import keys, valkey
from helpdesk.embedded.environment import redis_url, with_database
from helpdesk.embedded.places import ROOT
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher import programs
from helpdesk.launcher.programs import Program
from tests.support import moved_clock, session, stores

TEN_MINUTES_S = 600
# The database's own grants do not travel with a clone.
DATABASE_GRANTS = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO pharos_migrator",
    "GRANT CONNECT ON DATABASE {database} TO pharos_app, pharos_verifier, pharos_auditor",
    "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO pharos_owner",
)


class TestStores:
    """The session's PostgreSQL and this process's Valkey."""

    __test__ = False

    def __init__(self) -> None:
        """Ask for the template, which the first asker waits a few seconds for, and start Valkey."""
        self.session = session.current()
        self.base = self.session.base
        stores.ask(self.session)
        self.valkey = self._start_valkey() if self.session.starts_valkey else None
        self.redis = redis.Redis.from_url(os.environ["REDIS_URL"])

    def clone(self, name: str) -> None:
        """Create database `name` as a copy of the template."""
        with self._server() as server:
            template = sql.Identifier(self.session.template)
            # Without a log of what is copied: half the time, and nobody would restore it.
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            server.execute(made.format(sql.Identifier(name), template))
            for statement in DATABASE_GRANTS:
                server.execute(sql.SQL(statement).format(database=sql.Identifier(name)))

    def drop(self, name: str) -> None:
        """Drop database `name`, whoever is still connected."""
        with self._server() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def kill_valkey(self) -> None:
        """Take Redis away without a warning; fails when it is somebody else's."""
        if self.valkey is None:
            pytest.fail("Only an embedded Valkey can be killed: unset REDIS_URL.", pytrace=False)
        self.valkey.kill()
        self.valkey.wait()

    def ensure_valkey(self) -> None:
        """Bring our Valkey back, empty, if it is gone."""
        if self.valkey is not None and self.valkey.poll() is not None:
            self.valkey = self._start_valkey()

    def stop(self) -> None:
        """Stop this process's Valkey."""
        self.redis.close()
        if self.valkey is not None:
            self.valkey.kill()
            self.valkey.wait()

    def owner(self, name: str) -> "psycopg.Connection[Any]":
        """Return a connection to database `name` as the owner of the tables; every statement commits."""
        url = with_database(self.base["DATABASE_OWNER_URL"], name)
        return psycopg.connect(url, autocommit=True, options=f"-c role={moved_clock.OWNER} -c timezone=UTC")

    def connect(self, role: str, name: str) -> "psycopg.Connection[Any]":
        """Return a connection to database `name` as `role` signs in itself, such as "VERIFIER" or "APP"."""
        url = self.base["DATABASE_URL" if role == "APP" else f"DATABASE_{role}_URL"]
        return psycopg.connect(with_database(url, name), options="-c timezone=UTC")

    def _server(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(with_database(self.base["DATABASE_ADMIN_URL"], "postgres"), autocommit=True)

    def _start_valkey(self) -> subprocess.Popen[bytes]:
        where = self.session.own
        password = keys.read_private(self.session.where.keys_file)["redis_password"]
        valkey.write_settings(where.run / "valkey.conf", where.valkey, where.sockets, password, keeps=False)
        program = Program("valkey", programs.STORES, (valkey.binary(), str(where.run / "valkey.conf")))
        table = where.run / "valkey.json"
        programs.write_table(table, [program])
        with (where.log / "valkey.log").open("w") as log:
            process = subprocess.Popen(
                programs.bound(table, program), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        url = redis_url(where, password)
        valkey.wait_until_ready(url, patience_s=20, is_alive=lambda: process.poll() is None)
        return process


STORES = pytest.StashKey[TestStores]()
# Set while a running system lives on this process's Valkey.
SYSTEM_RUNS = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def test_stores(request: pytest.FixtureRequest) -> Iterator[TestStores]:
    """The stores of this session, started when the first test needs them."""
    try:
        found = request.config.stash[STORES] = TestStores()
    except SetupError as problem:
        raise pytest.fail.Exception(str(problem), pytrace=False) from None
    yield found
    found.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, test_stores: TestStores) -> None:
    """Give this test process its own clone; pytest-django's tests run in it and roll back."""
    test_stores.clone(test_stores.session.database)


@pytest.fixture
def clone_db(test_stores: TestStores, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of this test's own, for real commits, threads and other processes; dropped afterwards.

    Every connection that Django opens in this process during the test goes there. Use instead of
    `db`, not beside it.
    """
    name = f"{test_stores.session.database}_{secrets.token_hex(3)}"
    test_stores.clone(name)
    with django_db_blocker.unblock(), pointed_at(name):
        yield name
    test_stores.drop(name)


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Point Django's default connection, in every thread, at database `name`; close what was opened to it."""
    with pointed_to({"NAME": name}):
        yield


@contextmanager
def pointed_to(place: Mapping[str, Any]) -> Iterator[None]:
    """Like `pointed_at`, also to another server: `place` are settings of Django's DATABASES."""
    opened: list[weakref.ref[Any]] = []

    def remember(connection: Any, **_: Any) -> None:
        opened.append(weakref.ref(connection.connection))

    settings = connections.settings["default"]
    former = {name: settings[name] for name in place}
    connections["default"].close()
    settings.update(place)
    connection_created.connect(remember, weak=False)
    try:
        yield
    finally:
        connection_created.disconnect(remember)
        connections["default"].close()
        settings.update(former)
        for reference in opened:
            if (left := reference()) is not None and not left.closed:
                left.close()


@pytest.fixture
def owner_connection(request: pytest.FixtureRequest, test_stores: TestStores) -> "Iterator[psycopg.Connection[Any]]":
    """psycopg as the owner of the tables, on the database this test uses; it commits at once.

    It does not see what a `db` test has written, which is never committed.
    """
    for name in ("system_db", "clone_db", "db"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
            break
    else:
        request.getfixturevalue("django_db_setup")
    with test_stores.owner(connections.settings["default"]["NAME"]) as connection:
        yield connection


@pytest.fixture
def move_time(owner_connection: "psycopg.Connection[Any]") -> Iterator[Callable[[timedelta], None]]:
    """A function that moves the time on: SQL's `core.clock()` for every process, Python's clock in this one."""
    ahead = timedelta()
    traveller: time_machine.travel | None = None

    def move(by: timedelta) -> None:
        nonlocal ahead, traveller
        if traveller is not None:
            traveller.stop()
        ahead += by
        moved_clock.set_ahead(owner_connection, ahead)
        traveller = time_machine.travel(datetime.now(UTC) + ahead, tick=True)
        traveller.start()

    yield move
    if traveller is not None:
        traveller.stop()
    moved_clock.set_ahead(owner_connection, timedelta())


@pytest.fixture(autouse=True)
def _nobody_asks() -> None:
    """Forget what a request of another test has said of itself: entries of the audit log would name its token."""
    structlog.contextvars.clear_contextvars()


@pytest.fixture(autouse=True)
def _minute_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin every test with a minute in which nobody has called yet, on a Redis that others share as well.

    It turns sixty seconds later, and ten minutes later what is counted by tens (the words of a conversation).
    Programs of a running system count by the clock all the same.
    """
    began, minute = time.time(), TEN_MINUTES_S * secrets.randbelow(3_000_000)
    monkeypatch.setattr(rate_limits, "now_s", lambda: minute + time.time() - began)
    monkeypatch.setattr(rate_limits._breaker, "closed_at", 0.0)


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave nothing in Redis for the next test; where a running system lives on it, nothing that limits callers."""
    yield
    stores_in_use = request.config.stash.get(STORES, None)
    if stores_in_use is None:
        return
    if not request.config.stash.get(SYSTEM_RUNS, False):
        stores_in_use.redis.flushdb()
    elif stores_in_use.valkey is not None and stores_in_use.valkey.poll() is None:
        # A Valkey of our own: no test beside this one counts there.
        for key in stores_in_use.redis.scan_iter("pharos:rate:*", count=1000):
            stores_in_use.redis.delete(key)
