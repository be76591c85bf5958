"""The sandbox exchange beside the running system, accounts at it, and SQL's clock: for browsers of customers."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext

from accounts.models import Customer
from core.ids import new_public_id
from helpdesk.embedded.places import ROOT
from helpdesk.launcher import programs
from sandbox import transport
from tests.factories.customers import open_portal
from tests.support import moved_clock
from tests.support.system import RunningSystem, wait_for

SetClock = Callable[[timedelta], None]
# What a customer's factor waits before it counts, and an hour.
ENROLLED_AGO = timedelta(hours=73)


@pytest.fixture(scope="module")
def core_of_the_exchange(running_system: RunningSystem) -> Iterator[dict[str, str]]:
    """The sandbox exchange beside the running system; its environment, for its commands."""
    (program,) = programs.exchange(running_system.running)
    environment = running_system.running.process_environment(holds_seal=False)
    environment |= program.environment | {"SANDBOX_PORTAL_ORIGIN": running_system.url}
    log = running_system.running.places.log / "sandbox.log"
    with log.open("a") as out:
        process = subprocess.Popen(program.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=out)  # fmt: skip
    try:
        wait_for(_is_up, "the exchange")
        yield environment
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def set_clock(owner_connection: Any) -> Iterator[SetClock]:
    """Move SQL's clock for every process, and nobody's own."""
    yield lambda ahead: moved_clock.set_ahead(owner_connection, ahead)
    moved_clock.set_ahead(owner_connection, timedelta())


def account(environment: dict[str, str]) -> str:
    """Open an account at the exchange with something on it; return its id."""
    words = ["open-account", f"{new_public_id()}@x.test", "--holds", "BTC=2"]
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", *words], cwd=ROOT, env=environment, text=True, capture_output=True, check=True
    )
    return done.stdout.strip()


def enter(context: BrowserContext, customer: Customer) -> None:
    """Give the browser a session at the portal that a hand-off would have opened."""
    client = Client()
    open_portal(client, customer)
    token = client.cookies[settings.PORTAL_COOKIE_NAME].value
    context.add_cookies(
        [{"name": settings.PORTAL_COOKIE_NAME, "value": token, "domain": "localhost", "path": "/", "httpOnly": True}]
    )


def _is_up() -> bool:
    try:
        return transport.send("GET", f"{settings.EXCHANGE_URL}/healthz").status == 200
    except OSError:
        return False
