"""The chat in the exchange's app: its page with a bridge that the app gives it, on a small touch screen, in both languages."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Error, Page, expect

from livechat.models import ChatInbox, Push, Visitor
from sandbox import people, transport
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext
from tests.browser.test_chat import enter, ticket_saying
from tests.factories.livechat import ChatInboxFactory
from tests.support.exchange_beside import SetClock
from tests.support.system import RunningSystem, wait_for
from tickets.services import replies
from tickets.services.senders import Sender

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
SLUG = "app-chat"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# What an Android app gives its page: one method, text alone.
NATIVE = """
window.told = [];
window.PharosNative = Object.freeze({
  postMessage: async (json) => {
    const told = JSON.parse(json);
    window.told.push(told);
    if (told.type === "nonce") window.PharosApp.identify(await window.askExchange(told.nonce));
  },
});
"""


@pytest.fixture
def inbox(core_of_the_exchange: dict[str, str], running_system: RunningSystem, system_db: str) -> ChatInbox:
    made: ChatInbox = ChatInboxFactory.create(slug=SLUG, name="Chat with Pharos")
    ChatInbox.objects.filter(pk=made.pk).update(allowed_origins=[], allows_app=True, pushes_unread=True)
    # The exchange's own account page embeds one, too.
    other = ChatInboxFactory.create(slug="exchange", name="Chat with Pharos")
    ChatInbox.objects.filter(pk=other.pk).update(allowed_origins=[settings.EXCHANGE_URL])
    return made


@pytest.fixture
def customer(inbox: ChatInbox, open_context: OpenContext) -> Page:
    """A customer who is signed in at the exchange: their app has the same session."""
    page = open_context().new_page()
    enter(page, settings.EXCHANGE_URL)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def word_for(nonce: str, context: BrowserContext) -> str:
    """Ask the exchange, as the app's own server does, for its word on who is signed in."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies(settings.EXCHANGE_URL))
    url = f"{settings.EXCHANGE_URL}/support/chat-identity?nonce={nonce}"
    answer = transport.send("GET", url, headers={"Cookie": cookies})
    return str(answer.json()["token"])


def told(page: Page, kind: str) -> list[Any]:
    found: list[Any] = page.evaluate("kind => window.told.filter((one) => one.type === kind)", kind)
    return found


def open_app(context: BrowserContext, url: str, language: str = "en") -> Page:
    page = context.new_page()
    page.goto(f"{url}/chat/{SLUG}/app/?lang={language}")
    return page


def say(page: Page, text: str, label: str = "Your message") -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")


def test_app__with_a_bridge__names_leads_outside_counts_and_is_notified(
    running_system: RunningSystem, customer: Page, open_context: OpenContext, hire: Hire, set_clock: SetClock
) -> None:
    context = open_context(**PHONE)
    words = customer.context
    context.expose_function("askExchange", lambda nonce: word_for(nonce, words))
    context.add_init_script(NATIVE)
    page = open_app(context, running_system.url)
    question = desk.unique("Where is my deposit? See https://pharos.test/help")
    expect(page.get_by_role("button", name="Open the chat")).to_be_hidden()
    say(page, question)
    bubble = page.locator(".chat-msg", has_text=question)
    expect(bubble).to_have_attribute("data-state", "sent")
    assert ticket_saying(question).is_requester_proven
    assert [one["type"] for one in page.evaluate("window.told")][:2] == ["ready", "nonce"]
    bubble.get_by_role("link").click()
    assert told(page, "open-link") == [{"pharos": 1, "type": "open-link", "url": "https://pharos.test/help"}]
    page.get_by_role("button", name="Security").press("Enter")
    expect(page.locator("#trust")).to_contain_text(f"you are {people.PEOPLE[0].name}")
    assert axe.violations(page) == []
    assert page.evaluate("PharosApp.back()") is True
    expect(page.locator("#trust")).to_be_hidden()
    assert page.evaluate("PharosApp.back()") is False
    assert len(told(page, "close")) == 1

    agent = Sender.of_staff(hire())
    ticket = ticket_saying(question)
    replies.add(ticket=ticket, sender=agent, channel="chat", words=replies.Words(text="Which one?"))
    wait_for(lambda: [one["count"] for one in told(page, "unread")] == [1], "the app to hear of the answer")
    page.evaluate("PharosApp.open()")
    wait_for(lambda: [one["count"] for one in told(page, "unread")] == [1, 0], "the answer to be read")
    page.goto("about:blank")
    ticket.refresh_from_db()
    replies.add(ticket=ticket, sender=agent, channel="chat", words=replies.Words(text="We have found it."))
    set_clock(timedelta(minutes=1))
    pushes = Push.objects.filter(chat__ticket=ticket)
    wait_for(lambda: pushes.filter(state="sent").exists(), "the exchange to be told")
    customer.reload()
    expect(customer.get_by_role("heading", name="Notifications in the app")).to_be_visible()
    expect(customer.get_by_text("1 unread answer of support")).to_be_visible()
    expect(customer.get_by_text("We have found it.")).to_have_count(0)
    assert sorted(pushes.values_list("state", flat=True)) == ["not_needed", "sent"]


@pytest.mark.attack("G5")
def test_app__messages_of_windows_and_another_bridge__are_not_heard(
    running_system: RunningSystem, customer: Page, open_context: OpenContext
) -> None:
    context = open_context(**PHONE)
    words = customer.context
    context.expose_function("askExchange", lambda nonce: word_for(nonce, words))
    context.add_init_script(NATIVE)
    page = open_app(context, running_system.url)
    first = desk.unique("Is anybody there?")
    say(page, first)
    expect(page.locator(".chat-msg", has_text=first)).to_have_attribute("data-state", "sent")
    visitor = Visitor.objects.get(chats__ticket=ticket_saying(first))
    for kind in ("sign-out", "identifiable", "hello", "close"):
        page.evaluate("type => window.postMessage({pharos: 1, type, identify: true, token: null}, '*')", kind)
    # A word that answers another question than the page's last one.
    page.evaluate("word => PharosApp.identify(word)", word_for("n" * 43, words))
    with pytest.raises(Error, match="read only"):
        page.evaluate("() => { 'use strict'; window.PharosApp = {}; }")
    second = desk.unique("Still me.")
    say(page, second)
    expect(page.locator(".chat-msg", has_text=second)).to_have_attribute("data-state", "sent")
    assert ticket_saying(second) == ticket_saying(first)
    assert len(told(page, "nonce")) == 1
    assert told(page, "close") == []
    assert Visitor.objects.living().filter(pk=visitor.pk).exists()


def test_app__on_a_phone_in_chinese_without_a_bridge__fills_the_screen_and_takes_files(
    running_system: RunningSystem, inbox: ChatInbox, open_context: OpenContext
) -> None:
    page = open_app(open_context(**PHONE), running_system.url, "zh-hans")
    chat = page.locator("[data-chat]")
    expect(chat).to_be_visible()
    box = chat.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator("[data-close]")).to_be_hidden()
    expect(page.locator("[data-launcher]")).to_be_hidden()
    field = page.get_by_label("您的消息", exact=True)
    expect(field).to_be_visible()
    # What an on-screen keyboard leaves.
    page.set_viewport_size({"width": 390, "height": 480})
    expect(chat).to_have_css("height", "480px")
    box = field.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 480
    # Nowhere to go: it stays.
    field.press("Escape")
    expect(chat).to_be_visible()
    camera = page.locator("[data-camera-input]")
    assert (camera.get_attribute("accept"), camera.get_attribute("capture")) == ("image/*", "environment")
    with page.expect_file_chooser() as chosen:
        page.locator("[data-attach]").press("Enter")
    assert chosen.value.is_multiple()
    chosen.value.set_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"proof"})
    expect(page.locator("[data-tray]")).to_contain_text("a.txt")
    text = desk.unique("我的充值在哪里？")
    field.fill(text)
    field.press("Enter")
    expect(page.locator(".chat-msg", has_text=text)).to_have_attribute("data-state", "sent")
    assert not Visitor.objects.get(chats__ticket=ticket_saying(text)).is_proven
    assert axe.violations(page) == []
