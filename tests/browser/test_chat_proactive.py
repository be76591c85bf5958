"""Proactive messages in real browsers: on pages of the exchange's site, beside the launcher, opened or dismissed."""

import pytest
from playwright.sync_api import Page, expect

from livechat.models import ChatInbox, ProactiveMessage, ProactiveShow
from tests.browser import desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import NARROW, bubble, enter, frame_of, say, ticket_saying, violations
from tests.browser.test_chat import browser as browser  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import inbox as inbox  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import site as site  # noqa: PLC0414 -- a fixture
from tests.browser.test_languages_and_widths import overflow_px
from tests.support.exchange import RunningExchange

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
LAUNCHER_PX = 88


@pytest.fixture
def message(inbox: ChatInbox) -> ProactiveMessage:
    """One message of its own kind, on one page of the site."""
    ProactiveMessage.objects.update(is_active=False)
    made: ProactiveMessage = ProactiveMessage.objects.create(
        inbox=inbox,
        name="Withdrawals",
        text="Is a withdrawal stuck? We can look at it together, right here and now.",
        paths=["/withdraw*"],
        after_s=1,
    )
    return made


def go(page: Page, path: str) -> None:
    """Move within the site, as its own pages do, without loading anything."""
    page.evaluate("path => { history.pushState({}, '', path); document.body.focus() }", path)


def size(page: Page) -> tuple[float, float]:
    box = page.locator("iframe[title='Chat with support']").bounding_box()
    assert box is not None
    return box["width"], box["height"]


def test_proactive__on_its_page__is_shown_and_begins_a_conversation_by_keyboard(
    message: ProactiveMessage,
    site: RunningExchange,
    hire: Hire,
    open_context: OpenContext,
    open_desk: OpenDesk,
) -> None:
    page = open_context().new_page()
    frame = enter(page, site.url)
    said = frame.get_by_role("region", name="Message from support")
    expect(frame.get_by_role("button", name="Open the chat")).to_be_visible()
    expect(said).to_be_hidden()
    assert size(page) == (LAUNCHER_PX, LAUNCHER_PX)

    page.get_by_role("button", name="Sign out").focus()
    go(page, "/withdraw/btc")
    expect(said).to_be_visible()
    expect(said).to_contain_text(message.text)
    assert page.evaluate("document.activeElement.tagName") != "IFRAME", "it takes nobody's focus"
    expect(frame.get_by_role("status").filter(has_text=message.text)).to_have_count(1)
    expect(page.locator("iframe[title='Chat with support']")).to_have_css("width", "384px")
    assert violations(page) == []

    frame.get_by_role("button", name=message.text).press("Enter")
    expect(frame.locator("[data-nudge-context]")).to_have_text(message.text)
    expect(frame.get_by_label("Your message")).to_be_focused()
    expect(said).to_be_hidden()
    assert violations(page) == []
    answer = desk.unique("Yes, since yesterday.")
    say(frame, answer)
    expect(bubble(frame, answer)).to_have_attribute("data-state", "sent")
    ticket = ticket_saying(answer)
    show = ProactiveShow.objects.get(message=message)
    assert (show.chat is not None, show.chat and show.chat.ticket) == (True, ticket)
    agent = open_desk(hire(), desk.ticket_path(ticket))
    expect(agent.locator("#messages")).to_contain_text(f"The visitor answers our message on the site: “{message.text}”")


def test_proactive__dismissed_on_a_phone__is_not_shown_again_after_a_reload(
    message: ProactiveMessage, site: RunningExchange, open_context: OpenContext
) -> None:
    page = open_context(viewport=NARROW).new_page()
    frame = enter(page, site.url)
    expect(frame.get_by_role("button", name="Open the chat")).to_be_visible()
    go(page, "/withdraw")
    said = frame.get_by_role("region", name="Message from support")
    expect(said).to_be_visible()
    assert violations(page) == []
    assert overflow_px(page) == 0
    width, height = size(page)
    assert width <= NARROW["width"]
    assert height < NARROW["height"] / 3
    frame.get_by_role("button", name="Do not show this again").press("Enter")
    expect(said).to_be_hidden()
    expect(frame.get_by_role("button", name="Open the chat")).to_be_focused()
    expect(page.locator("iframe[title='Chat with support']")).to_have_css("width", f"{LAUNCHER_PX}px")
    shows = ProactiveShow.objects.filter(message=message, dismissed_at__isnull=False)
    desk.wait_on(page, shows.exists, "the server to know that it was dismissed")

    page.goto(f"{site.url}/")
    frame = frame_of(page)
    expect(frame.get_by_role("button", name="Open the chat")).to_be_visible()
    with page.expect_response("**/proactive/") as answered:
        go(page, "/withdraw")
    assert answered.value.json() == {"show": "", "text": ""}
    expect(frame.get_by_role("region", name="Message from support")).to_be_hidden()
    assert ProactiveShow.objects.filter(message=message).count() == 1


def test_proactive__while_one_talks__nothing_is_asked_or_shown(
    message: ProactiveMessage, site: RunningExchange, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    words = desk.unique("One question")
    say(frame, words)
    expect(bubble(frame, words)).to_have_attribute("data-state", "sent")
    frame.get_by_role("button", name="Close the chat").click()
    go(page, "/withdraw")
    # Twice as long as the message waits for.
    page.wait_for_function("start => performance.now() - start > 2000", arg=page.evaluate("performance.now()"))
    assert not ProactiveShow.objects.filter(message=message).exists()
    expect(frame.get_by_role("region", name="Message from support")).to_be_hidden()
