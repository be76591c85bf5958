"""What a person does on the desk, in their words: opening a ticket, writing, choosing from a menu."""

import re
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tickets.models import Ticket


def unique(words: str) -> str:
    """Return `words` with something that no other test writes."""
    return f"{words} {secrets.token_hex(3)}"


def ticket_path(ticket: Ticket, view: str = "open") -> str:
    """Return the path of a ticket's page."""
    return f"/desk/tickets/{ticket.public_id}/?view={view}"


def row(page: Page, subject: str) -> Locator:
    """The queue row with this subject."""
    return page.locator("[data-row]").filter(has_text=subject)


def message(page: Page, text: str) -> Locator:
    """The timeline entry that says `text`."""
    return page.locator("#messages article").filter(has_text=text)


def write(page: Page, text: str) -> None:
    """Type into the composer."""
    field = page.locator("#composer-text")
    field.click()
    field.fill(text)


def send(page: Page) -> None:
    """Send what stands in the composer, as most people do."""
    page.locator("#composer-text").press("Control+Enter")


def choose(page: Page, prop: str, choice: str) -> None:
    """Open the menu of a property (Status, Priority, …) and click a choice."""
    menu = page.locator("#case-header details.menu").filter(has=page.locator("summary").filter(has_text=f"{prop}:"))
    menu.locator("summary").click()
    menu.get_by_role("button", name=re.compile(f"^{re.escape(choice)}")).click()


def shown(page: Page, prop: str) -> Locator:
    """Where the header shows a property."""
    return page.locator("#case-header summary").filter(has_text=f"{prop}:")


def enter(page: Page, link: Locator) -> None:
    """Follow a link by the keyboard to another page, and wait until its scripts hear keys."""
    with page.expect_navigation():
        link.press("Enter")


def expect_path(page: Page, start: str) -> None:
    """Wait until the address of the page begins with `start`."""
    expect(page).to_have_url(re.compile(rf"//[^/]+{re.escape(start)}"))


def path_of(page: Page) -> str:
    """Return the path the page is at."""
    return urlsplit(page.url).path


def wait_on(page: Page, condition: Callable[[], bool], what: str, patience_s: float = 45.0) -> None:
    """Wait until `condition` holds, letting the page tell its news meanwhile: a plain sleep would hold them back."""
    give_up = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > give_up:
            pytest.fail(f"waited {patience_s:.0f} s for {what}", pytrace=False)
        page.wait_for_timeout(50)
