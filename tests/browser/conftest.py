"""Fixtures of the browser tests: signed-in desks on the running system, watched for policy breaches and script errors."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Staff
from tests.browser.watching import NAME_THE_CULPRIT, Watch
from tests.cast import open_session
from tests.factories.accounts import StaffFactory
from tests.factories.security import TotpDeviceFactory, certify
from tests.factories.tickets import MailboxFactory
from tests.support.system import RunningSystem
from tickets.models import Mailbox

PATIENCE_MS = 30_000
# Who asks for, approves or reviews what concerns funds is trained.
FUND_ROLES = ("agent", "lead", "compliance")
Hire = Callable[..., Staff]
OpenDesk = Callable[..., Page]
OpenContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session", autouse=True)
def _patient() -> None:
    """Let a busy machine take its time; a passing expectation returns at once."""
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def mailbox(system_db: str) -> Mailbox:
    """The support mailbox that the mail listener serves."""
    box: Mailbox = MailboxFactory.create()
    return box


@pytest.fixture
def hire(system_db: str) -> Hire:
    """A function that makes a new person: what is committed here stays, so nobody is made twice."""

    def hired(name: str = "Ada Agent", role: str = "agent", **more: object) -> Staff:
        email = f"{name.partition(' ')[0].lower()}-{secrets.token_hex(4)}@cast.test"
        person: Staff = StaffFactory.create(email=email, name=name, role=role, **more)
        TotpDeviceFactory.create(staff=person)
        if role in FUND_ROLES:
            certify(person)
        return person

    return hired


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Looks at every page of the test; the test fails on a policy breach or an error of our scripts."""
    watching = Watch()
    yield watching
    assert not watching.breaches, "\n".join(watching.breaches)


@pytest.fixture
def open_context(browser: Browser, browser_context_args: dict[str, object], watch: Watch) -> Iterator[OpenContext]:
    """A function that opens a browser of somebody, signed in when a person is given."""
    opened: list[BrowserContext] = []

    def open_one(person: Staff | None = None, **more: object) -> BrowserContext:
        context = browser.new_context(**{**browser_context_args, **more})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(NAME_THE_CULPRIT)
        context.on("page", watch.page)
        opened.append(context)
        if person is not None:
            sign_in(context, person)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def open_desk(running_system: RunningSystem, open_context: OpenContext) -> OpenDesk:
    """A function that opens a page of the system as `person`, in a browser of their own, and waits until it is live."""

    def open_one(
        person: Staff | None, path: str = "/desk/views/open/", *, is_live: bool = True, **more: object
    ) -> Page:
        page = open_context(person, **more).new_page()
        page.goto(f"{running_system.url}{path}")
        if is_live and person is not None:
            expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live")
        return page

    return open_one


def sign_in(context: BrowserContext, person: Staff) -> None:
    """Give the browser a session that the sign-in service opened."""
    key, _row = open_session(person)
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": key,
                "domain": "localhost",
                "path": "/",
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )
