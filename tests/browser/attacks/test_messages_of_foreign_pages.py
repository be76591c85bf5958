"""Messages of other windows to the loader and to the chat's frame, in a real browser: nobody but the two is heard."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from livechat.models import ChatInbox, Visitor
from tests.browser.conftest import OpenContext
from tests.factories.livechat import ChatInboxFactory
from tests.support.embedding_page import embedding
from tests.support.system import RunningSystem

pytestmark = [pytest.mark.xdist_group("system")]
SLUG = "foreign-messages"
TO_LOADER = [
    {"pharos": 1, "type": "state", "open": True, "unread": 9},
    {"pharos": 1, "type": "keep", "key": "token", "value": "of the attacker"},
    {"pharos": 1, "type": "who", "nonce": "a" * 43},
    {"pharos": 1, "type": "ready", "theme": "dark"},
]
TO_FRAME = [
    {"pharos": 1, "type": "hello", "kept": {"token": "of the attacker"}, "path": "/stolen", "identify": True},
    {"pharos": 1, "type": "kept", "kept": {"token": "of the attacker"}},
    {"pharos": 1, "type": "open"},
    {"pharos": 1, "type": "identity", "token": "x.y.z", "nonce": ""},
    {"pharos": 1, "type": "sign-out"},
]
# Counts what arrives, so that nothing is judged before it was there.
COUNT = (
    "() => { window.came = 0; addEventListener('message', (one) => { if (one.data && one.data.mark) came += 1; }); }"
)
HEAR = "() => { window.told = []; window.asked = 0; Pharos.on('unread', (n) => told.push(n)); Pharos.identify(async () => { asked += 1; return null; }); }"
# The browser may deny frames of other sites any storage.
KEPT = "() => { try { return Object.values(localStorage).join(); } catch { return ''; } }"
STATE = """() => ({
  told, asked, width: document.querySelector("iframe[title='Chat with support']").style.width,
  kept: Object.values(localStorage).join(),
})"""


@pytest.fixture
def host(running_system: RunningSystem, system_db: str) -> Iterator[str]:
    """A site that may embed the chat."""
    with embedding(f"{running_system.url}/chat/{SLUG}/loader.js") as origin:
        inbox = ChatInboxFactory.create(slug=SLUG, name="Chat with Pharos")
        ChatInbox.objects.filter(pk=inbox.pk).update(allowed_origins=[origin])
        yield origin


@pytest.fixture
def foreign() -> Iterator[str]:
    """A site that may not."""
    with embedding("data:,") as origin:
        yield origin


@pytest.fixture
def page(host: str, open_context: OpenContext) -> Page:
    """The site's page with the chat, before anybody has opened it."""
    found = open_context().new_page()
    found.goto(host)
    expect(chat_in(found)).to_be_visible()
    found.evaluate(HEAR)
    found.evaluate(COUNT)
    chat(found).evaluate(COUNT)
    return found


def chat_in(page: Page) -> Any:
    return page.frame_locator("iframe[title='Chat with support']").get_by_role("button", name="Open the chat")


def chat(page: Page) -> Frame:
    return next(one for one in page.frames if SLUG in one.url)


def beside(page: Page, address: str) -> Frame:
    """Return another frame in the same page."""
    page.evaluate(
        "(src) => { const one = document.createElement('iframe'); one.src = src; document.body.append(one); }", address
    )
    page.wait_for_function("(n) => frames.length === n", arg=2)
    found = page.frames[-1]
    found.wait_for_load_state()
    return found


def send(source: Frame, target: str, words: list[dict[str, Any]]) -> None:
    """Send messages from this frame to a window, each marked for who counts them."""
    marked = [{**one, "mark": True} for one in words]
    source.evaluate(f"(words) => {{ for (const one of words) ({target}).postMessage(one, '*'); }}", marked)


def untouched(page: Page) -> None:
    before = Visitor.objects.count()
    state = page.evaluate(STATE)
    assert (state["told"], state["width"]) == ([], "88px")
    assert "attacker" not in state["kept"]
    assert "attacker" not in chat(page).evaluate(KEPT)
    assert chat(page).evaluate("() => document.body.dataset.open") == "no"
    assert Visitor.objects.count() == before


@pytest.mark.attack("G5")
def test_foreign_frame__beside_the_chat__is_heard_by_neither(page: Page, foreign: str) -> None:
    asked = page.evaluate("() => asked")
    attacker = beside(page, foreign)
    send(attacker, "parent", TO_LOADER)
    send(attacker, "parent.frames[0]", TO_FRAME)
    page.wait_for_function("(n) => came === n", arg=len(TO_LOADER))
    chat(page).wait_for_function("(n) => came === n", arg=len(TO_FRAME))
    untouched(page)
    assert page.evaluate("() => asked") == asked


@pytest.mark.attack("G5")
def test_frame_of_the_sites_own_origin__that_is_not_the_page_itself__is_not_heard(page: Page, host: str) -> None:
    """Right origin, wrong window: an advertisement in a frame of the site, say."""
    sibling = beside(page, "about:blank")
    send(sibling, "parent.frames[0]", TO_FRAME)
    send(sibling, "parent", TO_LOADER)
    page.wait_for_function("(n) => came === n", arg=len(TO_LOADER))
    chat(page).wait_for_function("(n) => came === n", arg=len(TO_FRAME))
    untouched(page)


@pytest.mark.attack("G5")
def test_foreign_window__that_has_opened_the_site__is_not_heard(
    host: str, foreign: str, open_context: OpenContext
) -> None:
    attacker = open_context().new_page()
    attacker.goto(foreign)
    with attacker.expect_popup() as opened:
        attacker.evaluate("(address) => { window.victim = open(address); }", host)
    page = opened.value
    expect(chat_in(page)).to_be_visible()
    page.evaluate(HEAR)
    page.evaluate(COUNT)
    chat(page).evaluate(COUNT)
    send(attacker.main_frame, "victim", TO_LOADER)
    send(attacker.main_frame, "victim.frames[0]", TO_FRAME)
    page.wait_for_function("(n) => came === n", arg=len(TO_LOADER))
    chat(page).wait_for_function("(n) => came === n", arg=len(TO_FRAME))
    untouched(page)


@pytest.mark.attack("G5")
def test_foreign_page__with_the_frame_in_it__gets_no_frame(
    running_system: RunningSystem, host: str, foreign: str, browser: Browser
) -> None:
    # A context that is not watched: what the browser stops here is what is asked for.
    context = browser.new_context()
    page = context.new_page()
    page.goto(foreign)
    heard = "() => { window.words = []; addEventListener('message', (one) => words.push(one.data)); }"
    page.evaluate(heard)
    page.evaluate(
        "(src) => new Promise((done) => { const one = document.createElement('iframe'); one.onload = done; one.src = src; document.body.append(one); })",
        f"{running_system.url}/chat/{SLUG}/frame/",
    )
    assert page.evaluate("() => words") == []
    context.close()


def test_page_itself__saying_the_same__is_heard(page: Page) -> None:
    """What the others say in vain opens the chat when the page says it."""
    page.evaluate("() => frames[0].postMessage({pharos: 1, type: 'open'}, '*')")
    expect(page.frame_locator("iframe[title='Chat with support']").get_by_label("Your message")).to_be_focused()
    page.wait_for_function("() => document.querySelector(\"iframe[title='Chat with support']\").style.width !== '88px'")
