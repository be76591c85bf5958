"""The emoji picker in real browsers: in the chat by keyboard alone and in Chinese, on a phone, and in the desk's composer."""

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from livechat.models import ChatInbox
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import NARROW, bubble, enter, ticket_saying, violations
from tests.browser.test_chat import browser as browser  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import inbox as inbox  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import site as site  # noqa: PLC0414 -- a fixture
from tests.browser.test_languages_and_widths import overflow_px
from tests.support.exchange import RunningExchange
from tests.support.system import RunningSystem

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def picker(page: Page | FrameLocator) -> Locator:
    return page.get_by_role("dialog", name="Emoji")


def smallest_px(signs: Locator) -> float:
    """The smaller side of the smallest cell."""
    sizes = signs.evaluate_all(
        "(cells) => cells.map((one) => one.getBoundingClientRect()).map((box) => Math.min(box.width, box.height))"
    )
    return float(min(sizes))


def walk(page: Page, frame: FrameLocator) -> None:
    """Go through the open picker by arrows, to the ends of row and grid, and out of it."""
    page.keyboard.press("ArrowDown")
    expect(frame.get_by_role("gridcell", name="smiling")).to_be_focused()
    page.keyboard.press("End")
    expect(frame.get_by_role("gridcell", name="neutral")).to_be_focused()
    page.keyboard.press("Control+End")
    expect(frame.get_by_role("gridcell", name="paper clip")).to_be_focused()
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowUp")
    expect(frame.get_by_label("Search emoji")).to_be_focused()
    page.keyboard.press("Escape")
    expect(picker(frame)).to_be_hidden()
    expect(frame.get_by_role("button", name="Emoji")).to_be_focused()


def write_at_the_desk(agent: Page) -> None:
    """Put a sign into the composer by keyboard; then look at the picker on a narrow page."""
    composer = agent.locator("#composer-text")
    composer.fill("Done ")
    agent.locator("[data-emoji-open]").click()
    expect(agent.get_by_label("Search emoji")).to_be_focused()
    assert axe.violations(agent) == []
    agent.keyboard.press("ArrowDown")
    agent.keyboard.press("r")
    expect(picker(agent)).to_be_visible()
    agent.keyboard.press("Escape")
    expect(agent.locator("[data-emoji-open]")).to_be_focused()
    agent.keyboard.press("Enter")
    agent.keyboard.type("check")
    agent.keyboard.press("Enter")
    expect(composer).to_have_value("Done ✅")
    expect(composer).to_be_focused()
    agent.set_viewport_size(NARROW)  # type: ignore[arg-type]
    agent.locator("[data-emoji-open]").click()
    expect(picker(agent)).to_be_visible()
    assert smallest_px(agent.get_by_role("gridcell")) >= 24
    assert overflow_px(agent) == 0
    assert axe.violations(agent) == []
    agent.keyboard.press("Escape")


def test_emoji__in_the_chat_by_keyboard__is_searched_walked_inserted_at_the_caret_and_sent(
    inbox: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    page = open_context().new_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url) if "/picker-" in request.url else None)
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    field = frame.get_by_label("Your message")
    question = desk.unique("Thanks")
    field.fill(f"{question} !")
    field.press("ArrowLeft")
    assert not loaded
    frame.get_by_role("button", name="Emoji").press("Enter")
    search = frame.get_by_label("Search emoji")
    expect(search).to_be_focused()
    assert len(loaded) == 1
    expect(frame.get_by_role("gridcell")).to_have_count(48)
    assert smallest_px(frame.get_by_role("gridcell")) >= 24
    assert violations(page) == []
    walk(page, frame)
    expect(field).to_be_visible()

    page.keyboard.press("Enter")
    page.keyboard.type("thumbs")
    expect(frame.locator("[data-emoji-found]")).to_have_text("2 emoji found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(frame.get_by_role("gridcell", name="thumbs down")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value(f"{question} 👍!")
    # What was used is first next time.
    frame.get_by_role("button", name="Emoji").click()
    expect(frame.get_by_role("rowheader").first).to_have_text("Used lately")
    expect(frame.get_by_role("gridcell").first).to_have_accessible_name("thumbs up")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert smallest_px(frame.get_by_role("gridcell")) >= 24
    assert violations(page) == []
    frame.get_by_role("gridcell", name="shield").click()
    expect(field).to_have_value(f"{question} 👍🛡️!")
    field.press("Enter")
    expect(bubble(frame, f"{question} 👍🛡️!")).to_have_attribute("data-state", "sent")

    agent = open_desk(hire(), desk.ticket_path(ticket_saying(f"{question} 👍🛡️!")))
    expect(desk.message(agent, question)).to_contain_text("👍🛡️")
    write_at_the_desk(agent)
    desk.send(agent)
    expect(bubble(frame, "Done ✅")).to_be_visible()


def test_emoji__in_chinese__is_named_and_found_in_chinese_and_english(
    inbox: ChatInbox, running_system: RunningSystem, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    page.goto(f"{running_system.url}/chat/{inbox.slug}/frame/?lang=zh-hans")
    page.get_by_role("button", name="打开聊天").click()
    page.get_by_role("button", name="表情符号").click()
    for words in ("赞", "thumbs up"):
        page.get_by_label("搜索表情符号").fill(words)
        expect(page.get_by_role("gridcell")).to_have_count(1)
        expect(page.get_by_role("gridcell", name="赞")).to_be_visible()
