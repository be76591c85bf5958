"""The chat in a real browser while Redis is emptied, and while it is away: slower, never poorer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import FrameLocator, expect

from livechat.models import ChatInbox
from tests.browser import desk
from tests.browser.conftest import Hire, OpenContext
from tests.browser.test_chat import bubble, enter, say, texts, ticket_saying
from tests.browser.test_chat import inbox as inbox  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import site as site  # noqa: PLC0414 -- a fixture
from tests.support.databases import TestStores
from tests.support.exchange import RunningExchange
from tests.support.system import RunningSystem
from tickets.models import Ticket
from tickets.services import replies
from tickets.services.senders import Sender

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
# Till a socket knows that Redis carries nothing (three rounds, twice), and the page has come back.
LONG_MS = 90_000


@pytest.fixture
def stores(test_stores: TestStores, running_system: RunningSystem) -> Iterator[TestStores]:
    """Stores that a test may break: whole again for the next one."""
    yield test_stores
    test_stores.ensure_valkey()
    running_system.wait_until_ready()


def opened(site: RunningExchange, open_context: OpenContext) -> tuple[FrameLocator, Ticket, str]:
    frame = enter(open_context().new_page(), site.url)
    frame.get_by_role("button", name="Open the chat").click()
    first = desk.unique("While all is well")
    say(frame, first)
    expect(bubble(frame, first)).to_have_attribute("data-state", "sent")
    return frame, ticket_saying(first), first


def answered(ticket: Ticket, hire: Hire) -> str:
    words = replies.Words(text=desk.unique("An answer"))
    replies.add(ticket=ticket, sender=Sender.of_staff(hire()), channel="chat", words=words)
    return words.text


def test_chat__redis_emptied__goes_on(
    inbox: ChatInbox, site: RunningExchange, stores: TestStores, hire: Hire, open_context: OpenContext
) -> None:
    frame, ticket, first = opened(site, open_context)
    stores.redis.flushall()
    later = desk.unique("After it was emptied")
    say(frame, later)
    expect(bubble(frame, later)).to_have_attribute("data-state", "sent")
    answer = answered(ticket, hire)
    expect(bubble(frame, answer)).to_be_visible()
    assert texts(frame) == [first, later, answer]


def test_chat__redis_away__says_so_and_goes_on_by_reading(
    inbox: ChatInbox, site: RunningExchange, stores: TestStores, hire: Hire, open_context: OpenContext
) -> None:
    frame, ticket, first = opened(site, open_context)
    stores.kill_valkey()
    later = desk.unique("With Redis away")
    say(frame, later)
    expect(bubble(frame, later)).to_have_attribute("data-state", "sent")
    answer = answered(ticket, hire)
    expect(bubble(frame, answer)).to_be_visible(timeout=LONG_MS)
    expect(frame.locator("[data-banner]")).to_contain_text("Live updates are away.", timeout=LONG_MS)
    stores.ensure_valkey()
    expect(frame.locator("[data-banner]")).to_be_hidden(timeout=LONG_MS)
    assert texts(frame) == [first, later, answer]
