"""Files in the chat: chosen, pasted and dropped by a customer, shown on both sides, kept through a break and a reload."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, FilePayload, FrameLocator, Route, expect

from livechat.models import ChatInbox, VisitorUpload
from tests.browser import desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import NARROW, SLUG, bubble, enter, near, say, ticket_saying, violations
from tests.factories.livechat import ChatInboxFactory
from tests.support.exchange import RunningExchange, exchange
from tests.support.pictures import png
from tests.support.system import RunningSystem
from tickets.models import Attachment, Message
from tickets.services import replies
from tickets.services.senders import NewFile, Sender

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
# What a browser does when a person pastes or drops a file: the event carries a DataTransfer.
HAND_OVER = """(target, [kind, name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name, { type: "text/plain" }));
  const options = { bubbles: true, cancelable: true };
  if (kind === "paste") target.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: carried }));
  else for (const step of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(step, { ...options, dataTransfer: carried }));
}"""
LARGE = bytes(range(256)) * 4_000


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


def choose(frame: FrameLocator, *files: tuple[str, str, bytes]) -> None:
    frame.locator("[data-file-input]").set_input_files(
        [FilePayload(name=name, mimeType=kind, buffer=content) for name, kind, content in files]
    )


def test_files__by_picker_paste_and_drop__are_shown_to_both_sides(
    inbox: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    person = hire()
    page = open_context(viewport=NARROW, has_touch=True).new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    choose(frame, ("screen.png", "image/png", png(300, 200)))
    chat = frame.locator("[data-chat]")
    for kind, name in (("paste", "pasted.txt"), ("drop", "dropped.txt")):
        chat.evaluate(HAND_OVER, [kind, name, f"By {kind}."])
    tray = frame.get_by_role("list", name="Files to be sent")
    expect(tray.locator("bdi")).to_have_text(["screen.png", "pasted.txt", "dropped.txt"])
    assert violations(page) == []
    frame.get_by_role("button", name="Remove pasted.txt").press("Enter")
    expect(tray.locator("bdi")).to_have_text(["screen.png", "dropped.txt"])
    choose(frame, ("huge.bin", "application/octet-stream", b"x" * (21 * 1024 * 1024)))
    expect(frame.get_by_role("alert")).to_contain_text("huge.bin is too large: a file may have 20 MB.")

    words = desk.unique("See what I see")
    say(frame, words)
    mine = bubble(frame, words)
    expect(mine).to_have_attribute("data-state", "sent")
    expect(mine.get_by_role("img", name="screen.png")).to_be_visible()
    # That the page had to stay open is over.
    expect(frame.locator("[data-notice]")).to_be_hidden()
    is_drawn = "(img) => img.src.includes('/c/') && img.naturalWidth > 0"
    desk.wait_on(page, lambda: bool(mine.locator("img").evaluate(is_drawn)), "the picture from the content origin")
    ticket = ticket_saying(words)
    agent = open_desk(person, desk.ticket_path(ticket))
    expect(desk.message(agent, words).locator(".files .file-name")).to_have_text(["screen.png", "dropped.txt"])

    replies.add(
        ticket=ticket,
        sender=Sender.of_staff(person),
        channel="chat",
        words=replies.Words(text="Here is how."),
        attached=[NewFile(name="how.txt", content=b"Like so."), NewFile(name="how.png", content=png(50, 50))],
    )
    theirs = bubble(frame, "Here is how.")
    expect(theirs.get_by_role("img", name="how.png")).to_be_visible()
    assert violations(page) == []
    with page.context.expect_event("response", lambda one: "how.txt" in one.headers.get("content-disposition", "")):
        theirs.get_by_role("button", name="how.txt").click()


# Of another site the frame has no storage of its own: files are in the page alone. Of the same site they are kept.
def test_file__line_breaks_and_page_is_left__is_sent_from_where_it_had_come_to(
    inbox: ChatInbox, site: RunningExchange, open_context: OpenContext
) -> None:
    context = open_context()
    page = context.new_page()
    frame = enter(page, near(site.url))
    frame.get_by_role("button", name="Open the chat").click()
    passed: list[str] = []

    def breaks(route: Route) -> None:
        passed.append(route.request.url)
        if len(passed) > 2:
            route.abort("connectionreset")
        else:
            route.continue_()

    context.route("**/chat/**/files/*/?start=*", breaks)
    choose(frame, ("large.bin", "application/octet-stream", LARGE))
    later = desk.unique("Words overtake files")
    frame.get_by_role("button", name="Send", exact=True).click()
    say(frame, later)
    expect(bubble(frame, later)).to_have_attribute("data-state", "sent")
    expect(bubble(frame, "large.bin")).to_have_attribute("data-state", "queued")
    desk.wait_on(page, lambda: len(passed) > 2, "the line to break")
    assert VisitorUpload.objects.filter(name="large.bin").order_by("-pk")[0].received == 2 * 256 * 1024
    page.reload()
    frame.get_by_role("button", name="Open the chat").click()
    expect(bubble(frame, "large.bin")).to_have_attribute("data-state", "queued")
    before = len(passed)
    context.unroute("**/chat/**/files/*/?start=*", breaks)
    sent: list[str] = []
    context.on("request", lambda request: sent.append(request.url) if "?start=" in request.url else None)

    expect(bubble(frame, "large.bin")).to_have_attribute("data-state", "sent")

    assert before > 2
    assert not [url for url in sent if url.endswith("start=0")], "what was there was not sent again"
    row = Attachment.objects.get(message__ticket=ticket_saying(later), file__name="large.bin")
    assert row.stored.size == len(LARGE)
    assert Message.objects.filter(ticket=row.message.ticket_id).count() == 2


def test_file__where_the_browser_keeps_nothing__says_so_before_and_after(
    inbox: ChatInbox, site: RunningExchange, open_context: OpenContext
) -> None:
    context = open_context()
    page = context.new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    context.route("**/chat/**/files/", lambda route: route.abort("connectionreset"))
    choose(frame, ("proof.txt", "text/plain", b"proof"))
    words = desk.unique("With a proof")
    say(frame, words)
    expect(frame.get_by_role("alert")).to_contain_text("leave this page open")
    page.reload()
    frame.get_by_role("button", name="Open the chat").click()
    expect(bubble(frame, words)).to_have_attribute("data-state", "failed")
    expect(bubble(frame, words)).to_contain_text("were lost when this page was left")
    assert violations(page) == []
    bubble(frame, words).get_by_role("button", name="Discard").click()
    expect(bubble(frame, words)).to_have_count(0)


def test_message__corrected_and_taken_back__both_sides_see_it(
    inbox: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    page = open_context(viewport=NARROW).new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    wrong, right = desk.unique("I sent 1 BTC"), desk.unique("I sent 0.1 BTC")
    say(frame, wrong)
    expect(bubble(frame, wrong)).to_have_attribute("data-state", "sent")
    agent = open_desk(hire(), desk.ticket_path(ticket_saying(wrong)))
    field = frame.get_by_label("Your message")
    field.fill("A draft")
    bubble(frame, wrong).get_by_role("button", name="Correct", exact=True).press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value(wrong)
    assert violations(page) == []
    field.press("Escape")
    expect(field).to_have_value("A draft")
    bubble(frame, wrong).get_by_role("button", name="Correct", exact=True).click()
    field.fill(right)
    field.press("Enter")
    expect(bubble(frame, right)).to_contain_text("Corrected")
    expect(field).to_have_value("A draft")
    expect(desk.message(agent, right)).to_contain_text("Corrected by the customer")
    expect(agent.locator("#messages")).to_contain_text(f"Before, it said: “{wrong}”")

    bubble(frame, right).get_by_role("button", name="Take back").click()
    assert violations(page) == []
    frame.get_by_role("button", name="Take it back").click()
    expect(frame.locator("[data-messages]")).to_contain_text("This message was taken back.")
    expect(agent.locator("#messages")).to_contain_text("The customer took this message back.")
    assert not Message.objects.filter(text__in=[wrong, right]).exists()
