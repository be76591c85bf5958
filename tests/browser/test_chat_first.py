"""The chat's first moments: one presses and writes while most of the frame's script is still on its way."""

from playwright.sync_api import Page, Route, expect

from livechat.models import ChatInbox, TopicForm
from tests.browser import desk
from tests.browser.conftest import OpenContext
from tests.browser.test_chat import bubble, enter, say, violations
from tests.browser.test_chat_files import browser, inbox, site
from tests.browser.test_chat_forms import form, pytestmark
from tests.support.exchange import RunningExchange
from tests.support.system import wait_for
from tickets.models import Message

__all__ = ["browser", "form", "inbox", "pytestmark", "site"]
REST = "**/assets/app-*.js*"


def held(page: Page) -> list[Route]:
    """Keep the rest of the script on its way until the test lets it go on; return who waits."""
    waiting: list[Route] = []
    page.route(REST, lambda route: waiting.append(route))  # noqa: PLW0108 -- Playwright marks the function it is given
    return waiting


def test_first_moments__written_and_pressed_before_the_rest_is_there__is_all_done(
    inbox: ChatInbox, site: RunningExchange, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    waiting = held(page)
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").press("Enter")
    field = frame.get_by_label("Your message")
    expect(field).to_be_focused()
    assert violations(page) == []
    first, second = desk.unique("Where is my deposit?"), desk.unique("It has been an hour.")
    say(frame, first)
    say(frame, second)
    field.press_sequentially("And")
    frame.get_by_role("button", name="Security").click()
    expect(frame.locator("[data-trust-panel]")).to_be_hidden()
    (route,) = waiting
    assert not Message.objects.filter(text__in=[first, second]).exists()
    route.continue_()
    for words in (first, second):
        expect(bubble(frame, words)).to_have_attribute("data-state", "sent")
    expect(frame.locator("[data-trust-panel]")).to_be_visible()
    expect(field).to_have_value("And")
    assert list(Message.objects.filter(text__in=[first, second]).order_by("pk").values_list("text", flat=True)) == [
        first,
        second,
    ]


def test_first_moments__page_left_before_the_rest_is_there__keeps_what_was_written(
    inbox: ChatInbox, site: RunningExchange, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    waiting = held(page)
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    words = desk.unique("Written on the way out")
    say(frame, words)
    wait_for(lambda: waiting, "the rest to be asked for")
    page.unroute(REST)
    page.reload()
    frame.get_by_role("button", name="Open the chat").click()
    expect(bubble(frame, words)).to_have_attribute("data-state", "sent")


def test_first_moments__rest_cannot_be_had__says_so_and_is_asked_for_again(
    inbox: ChatInbox, site: RunningExchange, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    page.route(REST, lambda route: route.abort())
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    words = desk.unique("Is anybody there?")
    say(frame, words)
    expect(frame.locator("[data-banner]")).to_contain_text("What you write is kept here")
    page.unroute(REST)
    expect(bubble(frame, words)).to_have_attribute("data-state", "sent")
    expect(frame.locator("[data-banner]")).to_be_hidden()


def test_first_moments__form_comes_first__launcher_waits_for_it(
    form: TopicForm, site: RunningExchange, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    waiting = held(page)
    frame = enter(page, site.url)
    launcher = frame.locator("[data-launcher]")
    expect(launcher).to_be_attached()
    wait_for(lambda: page.evaluate("() => true") and waiting, "the rest to be asked for")
    expect(launcher).to_be_hidden()
    # Asked for by the page itself, beside the first script.
    (route,) = waiting
    route.continue_()
    # A key is not waited with: pressed on what is not shown yet, it would go nowhere.
    expect(launcher).to_be_visible()
    launcher.press("Enter")
    expect(frame.get_by_role("button", name=form.name)).to_be_focused()
