"""The chat in two real browsers: a customer on a page of another site, without third-party cookies, and an agent at the desk."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, FrameLocator, Locator, Page, Route, expect

from livechat.models import ChatInbox
from sandbox import people, sign_in
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.factories.livechat import ChatInboxFactory
from tests.support.exchange import RunningExchange, exchange
from tests.support.system import RunningSystem
from tickets.models import Message, Ticket
from tickets.services import replies
from tickets.services.senders import Sender

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
NARROW = {"width": 390, "height": 844}
SLUG = "browser-chat"
HAS_STORAGE = "() => { try { return localStorage.length > 0 } catch { return false } }"
SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture(scope="module")
def browser(browser_type: BrowserType, browser_type_launch_args: dict[str, object]) -> Iterator[Browser]:
    """A browser that gives frames of other sites no cookies at all."""
    flags = [*browser_type_launch_args["args"], "--test-third-party-cookie-phaseout"]  # type: ignore[misc]
    found = browser_type.launch(**{**browser_type_launch_args, "args": flags})  # type: ignore[arg-type]
    yield found
    found.close()


@pytest.fixture(scope="module")
def site(running_system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    """The exchange's site: 127.0.0.1, while the frame is of localhost."""
    folder: Path = tmp_path_factory.mktemp("exchange")
    site = {"SANDBOX_PORTAL_ORIGIN": running_system.url, "SANDBOX_CHAT_INBOX": SLUG}
    with exchange(folder, **site, SANDBOX_CHAT_IDENTIFIES="no") as one:
        yield one


@pytest.fixture
def inbox(site: RunningExchange, system_db: str) -> ChatInbox:
    """The chat that this site may embed."""
    made: ChatInbox = ChatInboxFactory.create(slug=SLUG, name="Chat with Pharos")
    ChatInbox.objects.filter(pk=made.pk).update(allowed_origins=[site.url, near(site.url)])
    return made


def near(url: str) -> str:
    """The same page by the frame's own host: of another origin, and of the same site."""
    return url.replace("127.0.0.1", "localhost")


def enter(page: Page, url: str, email: str = people.PEOPLE[0].email) -> FrameLocator:
    """Sign in at the exchange, whose account page embeds the chat; return the frame."""
    page.goto(f"{url}/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_label("Code").fill(sign_in.DEMO_CODE)
    page.get_by_role("button", name="Sign in").click()
    return frame_of(page)


def frame_of(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title='Chat with support']")


def say(frame: FrameLocator, text: str) -> None:
    field = frame.get_by_label("Your message")
    field.fill(text)
    field.press("Enter")


def bubble(frame: FrameLocator, text: str) -> Locator:
    return frame.locator("[data-messages] > li").filter(has_text=text)


def texts(frame: FrameLocator) -> list[str]:
    return frame.locator("[data-messages] [data-text]").all_inner_texts()


def ticket_saying(text: str) -> Ticket:
    return Ticket.objects.get(channel="chat", messages__text=text)


def violations(page: Page) -> list[str]:
    """What axe finds in the chat's frame, in the light and in the dark."""
    frame = next(one for one in page.frames if SLUG in one.url)
    frame.evaluate(axe.SCRIPT.read_text(encoding="utf-8"))
    return axe.seen(page, frame)


def test_chat__customer_and_agent__talk_see_marks_and_typing(
    inbox: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    page = open_context().new_page()
    frame = enter(page, site.url)
    question, reply = desk.unique("Where is my deposit?"), desk.unique("It is on its way.")
    frame.get_by_role("button", name="Open the chat").press("Enter")
    expect(frame.get_by_label("Your message")).to_be_focused()
    assert violations(page) == []
    say(frame, question)
    expect(bubble(frame, question)).to_have_attribute("data-state", "sent")

    agent = open_desk(hire(), desk.ticket_path(ticket_saying(question)))
    expect(desk.message(agent, question)).to_contain_text("Sender not proven")
    expect(bubble(frame, question)).to_have_attribute("data-state", "read")
    agent.locator("#composer-text").press_sequentially("It")
    expect(frame.locator("[data-typist]")).to_have_text("Somebody is writing…")
    desk.write(agent, reply)
    desk.send(agent)
    expect(bubble(frame, reply)).to_be_visible()
    expect(agent.locator("[data-chat-state]")).to_have_text("Read")
    frame.get_by_label("Your message").press_sequentially("Th")
    expect(agent.locator("[data-chat-state]")).to_have_text("The customer is writing…")
    say(frame, f"My words: {SEED}. See https://pharos.test/help, and javascript:alert(1)")
    expect(frame.get_by_role("alert")).to_contain_text("masked")
    link = frame.locator("[data-messages] a")
    expect(link).to_have_attribute("href", "https://pharos.test/help")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow ugc")
    assert violations(page) == []

    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.evaluate("window.Pharos.on('unread', (count) => { window.unreadNow = count })")
    frame.get_by_role("button", name="Close the chat").click()
    desk.write(agent, "Anything else?")
    desk.send(agent)
    expect(frame.get_by_role("button", name="Open the chat – 1 new message")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("window.unreadNow") == 1
    page.evaluate("window.Pharos.open()")
    expect(bubble(frame, "Anything else?")).to_be_visible()
    assert violations(page) == []
    frame.get_by_role("button", name="End", exact=True).click()
    frame.get_by_role("button", name="End it").click()
    expect(frame.locator("[data-banner]")).to_contain_text("This conversation has ended.")
    expect(agent.locator("#messages")).to_contain_text("The customer ended the chat.")


# Of another site the frame has no storage of its own, and the page keeps for it; of the same site it has.
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_chat__unreachable_and_reloaded__sends_what_was_kept_once(
    inbox: ChatInbox, site: RunningExchange, open_context: OpenContext, host: str
) -> None:
    context = open_context()
    page = context.new_page()
    frame = enter(page, site.url.replace("127.0.0.1", host))
    frame.get_by_role("button", name="Open the chat").click()
    kept = [desk.unique(f"Kept {number}") for number in range(3)]

    def away(route: Route) -> None:
        route.abort("internetdisconnected")

    context.route("**/chat/**/s*/", away)
    for text in kept:
        say(frame, text)
    expect(bubble(frame, kept[-1])).to_have_attribute("data-state", "queued")
    page.reload()
    frame.get_by_role("button", name="Open the chat").click()
    expect(frame.locator("[data-messages] > li")).to_have_count(3)
    expect(bubble(frame, kept[0])).to_have_attribute("data-state", "queued")
    expect(frame.locator("[data-banner]")).to_contain_text("We cannot be reached right now.")

    context.unroute("**/chat/**/s*/", away)

    expect(bubble(frame, kept[-1])).to_have_attribute("data-state", "sent")
    assert texts(frame) == kept
    has_own = next(one for one in page.frames if SLUG in one.url).evaluate(HAS_STORAGE)
    assert has_own is (host == "localhost")
    ticket = ticket_saying(kept[0])
    assert list(ticket.messages.order_by("public_seq").values_list("text", flat=True)) == kept


def test_chat__offline_for_a_while__says_so_and_sends_afterwards(
    inbox: ChatInbox, site: RunningExchange, open_context: OpenContext
) -> None:
    context = open_context()
    frame = enter(context.new_page(), site.url)
    frame.get_by_role("button", name="Open the chat").click()
    first, later = desk.unique("Online"), desk.unique("In a tunnel")
    say(frame, first)
    expect(bubble(frame, first)).to_have_attribute("data-state", "sent")
    context.set_offline(True)
    say(frame, later)
    expect(frame.locator("[data-banner]")).to_contain_text("You are offline.")
    expect(bubble(frame, later)).to_have_attribute("data-state", "queued")
    context.set_offline(False)
    expect(bubble(frame, later)).to_have_attribute("data-state", "sent")
    expect(frame.locator("[data-banner]")).to_be_hidden()
    assert Message.objects.filter(text=later).count() == 1


def test_chat__socket_server_killed_mid_send__loses_nothing_in_either_tab(
    inbox: ChatInbox, site: RunningExchange, running_system: RunningSystem, hire: Hire, open_context: OpenContext
) -> None:
    context, person = open_context(), hire()
    page = context.new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    first = desk.unique("Before the fall")
    say(frame, first)
    expect(bubble(frame, first)).to_have_attribute("data-state", "sent")
    ticket = ticket_saying(first)
    other = context.new_page()
    other.goto(f"{site.url}/")
    second = frame_of(other)
    second.get_by_role("button", name="Open the chat").click()
    expect(bubble(second, first)).to_be_visible()

    said = [desk.unique(f"Mid-send {number}") for number in range(4)]
    for number, text in enumerate(said):
        if number == 1:
            running_system.stop("sockets", number=signal.SIGKILL)
        say(frame, text)
    expect(bubble(frame, said[-1])).to_have_attribute("data-state", "sent")
    words = replies.Words(text=desk.unique("Answered in the dark"))
    replies.add(ticket=ticket, sender=Sender.of_staff(person), channel="chat", words=words)
    expect(frame.locator("[data-banner]")).to_contain_text("Live updates are away.")
    expect(bubble(frame, words.text)).to_be_visible()
    running_system.start("sockets")
    running_system.wait_until_ready()
    expect(frame.locator("[data-banner]")).to_be_hidden()

    stored = list(
        ticket.messages.filter(public_seq__isnull=False).order_by("public_seq").values_list("text", flat=True)
    )
    assert stored == [first, *said, words.text]
    for one in (frame, second):
        expect(bubble(one, words.text)).to_be_visible()
        assert texts(one) == stored


def test_frame__in_chinese__speaks_it_and_has_no_violation(
    inbox: ChatInbox, running_system: RunningSystem, open_context: OpenContext
) -> None:
    page = open_context(viewport=NARROW).new_page()
    page.goto(f"{running_system.url}/chat/{SLUG}/frame/?lang=zh-hans")
    page.get_by_role("button", name="打开聊天").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert violations(page) == []
