"""What benches stand on: the stores of a test session, and throw-away databases filled with tickets."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.support import start  # begins the session: before Django's settings are read

import django  # isort: skip

django.setup()

from django.db import connection  # noqa: E402 -- settings first

from bench import loader  # noqa: E402 -- settings first
from tests.factories.accounts import StaffFactory  # noqa: E402 -- settings first
from tests.factories.tickets import MailboxFactory  # noqa: E402 -- settings first
from tests.support.databases import TestStores, pointed_at  # noqa: E402 -- settings first

SESSION = start.STARTED
STAFF = 12


@contextmanager
def stores() -> Iterator[TestStores]:
    """PostgreSQL with durable commits, and Valkey, until the block ends."""
    running = TestStores()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def filled(running: TestStores, tickets: int) -> Iterator[str]:
    """A new database with this many tickets; its name. Dropped afterwards."""
    with prepared(running) as name:
        with running.owner(name) as owner:
            loader.fill(owner, tickets)
        yield name


@contextmanager
def prepared(running: TestStores) -> Iterator[str]:
    """A new database with a mailbox and staff, and no tickets yet; its name. Dropped afterwards."""
    name = f"{running.session.database}_{secrets.token_hex(3)}"
    running.clone(name)
    try:
        with pointed_at(name):
            MailboxFactory.create()
            StaffFactory.create_batch(STAFF)
        yield name
    finally:
        running.drop(name)


def timed(function: Callable[[], Any]) -> float:
    """Return how many milliseconds one call takes."""
    started = time.perf_counter()
    function()
    return (time.perf_counter() - started) * 1000


class Statements:
    """Counts SQL statements while active: an execute wrapper of Django."""

    def __init__(self) -> None:
        """Start at none."""
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 -- Django's own shape
        """Count one and pass it on."""
        self.count += 1
        return execute(*arguments)


def statements(function: Callable[[], Any]) -> int:
    """Return how many SQL statements one call makes on the default connection."""
    counter = Statements()
    with connection.execute_wrapper(counter):
        function()
    return counter.count


__all__ = ["SESSION", "filled", "pointed_at", "prepared", "statements", "stores", "timed"]
