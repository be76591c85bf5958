"""Trust in the chat, in real browsers: who sits there by the exchange's word, the two words, approving, signing out."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Error, FrameLocator, Page, expect

from livechat.models import Visitor
from sandbox import people
from security.models import Execution, Freeze
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import bubble, enter, frame_of, say, ticket_saying
from tests.browser.test_fund_story import IN_GROUPS, Story, picture
from tests.browser.test_fund_story import story as story  # noqa: PLC0414 -- a fixture
from tests.factories.livechat import ChatInboxFactory
from tests.support.embedding_page import embedding
from tests.support.system import RunningSystem, wait_for
from tickets.models import Message

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
SLUG = "trust-chat"
NARROW = {"width": 390, "height": 844}
PERSON = "() => Object.entries(localStorage).find(([key]) => key.endsWith(':person'))?.[1] ?? ''"


def panel(frame: FrameLocator) -> FrameLocator:
    frame.get_by_role("button", name="Security").press("Enter")
    return frame


def violations(page: Page) -> list[str]:
    found = next(one for one in page.frames if SLUG in one.url)
    found.evaluate(axe.SCRIPT.read_text(encoding="utf-8"))
    return axe.seen(page, found)


def named(page: Page) -> str:
    """Whom the chat on this page belongs to, as the page keeps it for a frame without storage; "" while nobody."""
    try:
        found = str(page.evaluate(PERSON))
    except Error:  # The page is being left just now.
        return ""
    return found if found.startswith("word:") else ""


@pytest.fixture
def site(core_of_the_exchange: dict[str, str], running_system: RunningSystem, system_db: str) -> Iterator[str]:
    """A page of the desk's own site, so that the frame sees the portal's cookie."""
    with embedding(f"{running_system.url}/chat/{SLUG}/loader.js", host="localhost") as origin:
        inbox = ChatInboxFactory.create(slug=SLUG, name="Chat with Pharos")
        type(inbox).objects.filter(pk=inbox.pk).update(allowed_origins=[origin])
        yield origin


@pytest.fixture
def exchange_page(core_of_the_exchange: dict[str, str], system_db: str) -> str:
    """The exchange's own account page: of another site, and telling the chat who is signed in."""
    inbox = ChatInboxFactory.create(slug="exchange", name="Chat with Pharos")
    type(inbox).objects.filter(pk=inbox.pk).update(allowed_origins=[settings.EXCHANGE_URL])
    return str(settings.EXCHANGE_URL)


def test_action__approved_in_the_chat__is_carried_out(story: Story, site: str) -> None:
    action = story.ask()
    story.approve(action)
    page = story.customer
    page.goto(site)
    frame = frame_of(page)
    frame.get_by_role("button", name="Open the chat").press("Enter")
    say(frame, desk.unique("Please send my refund."))
    panel(frame)
    expect(frame.locator("#trust")).to_contain_text(IN_GROUPS)
    assert violations(page) == []
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert violations(page) == []
    picture(page, "5-customer-in-the-chat")
    frame.get_by_role("button", name="Approve with a passkey").press("Enter")
    expect(frame.locator("#trust")).to_contain_text("Approved.")
    assert Execution.objects.filter(action=action).exists()


def test_action__not_me_in_the_chat__freezes(story: Story, site: str) -> None:
    action = story.ask()
    page = story.customer
    page.goto(site)
    frame = frame_of(page)
    frame.get_by_role("button", name="Open the chat").press("Enter")
    say(frame, desk.unique("I asked for nothing."))
    panel(frame)
    frame.get_by_role("button", name="This wasn't me: freeze my account").press("Enter")
    expect(frame.locator("#trust")).to_contain_text("Your account is frozen since")
    assert Freeze.objects.get(customer=action.customer).is_frozen


def test_identity__next_person_at_the_same_browser__sees_nothing_of_the_first(
    exchange_page: str, open_context: OpenContext, hire: Hire, open_desk: OpenDesk
) -> None:
    page = open_context().new_page()
    frame = enter(page, exchange_page)
    frame.get_by_role("button", name="Open the chat").press("Enter")
    question = desk.unique("Where is my deposit?")
    say(frame, question)
    expect(bubble(frame, question)).to_have_attribute("data-state", "sent")
    agent = open_desk(hire(), desk.ticket_path(ticket_saying(question)))
    expect(desk.message(agent, question)).not_to_contain_text("Sender not proven")
    panel(frame)
    expect(frame.locator("#trust")).to_contain_text(f"you are {people.PEOPLE[0].name}")
    words = frame.locator(".chat-words").inner_text()
    expect(agent.get_by_text(words, exact=True)).to_be_visible()

    # Nothing can be said from here on, neither over the socket nor by the door.
    page.context.route_web_socket("**/ws/chat/", lambda _socket: None)
    page.reload()
    expect(bubble(frame_of(page), question)).to_have_count(1)
    visitor = Visitor.objects.get(chats__ticket=ticket_saying(question))
    first = named(page)
    unsent = desk.unique("Not for the next one.")
    frame_of(page).get_by_role("button", name="Open the chat").press("Enter")
    page.context.route("**/say/", lambda route: route.abort())
    say(frame_of(page), unsent)
    expect(bubble(frame_of(page), unsent)).to_have_attribute("data-state", "queued")
    page.get_by_role("button", name="Sign out").click()
    frame = enter(page, exchange_page, people.PEOPLE[1].email)
    # The frame loads itself anew when somebody else sits there, and closes with that.
    wait_for(lambda: named(page) not in {"", first}, "the frame to belong to the second one")
    wait_for(lambda: not Visitor.objects.living().filter(pk=visitor.pk).exists(), "the first one to be signed out")
    # From here on it could be sent, were it still there.
    page.context.unroute("**/say/")
    page.reload()
    frame.get_by_role("button", name="Open the chat").press("Enter")
    expect(frame.get_by_label("Your message")).to_be_focused()
    panel(frame)
    expect(frame.locator("#trust")).to_contain_text(f"you are {people.PEOPLE[1].name}")
    expect(bubble(frame, question)).to_have_count(0)
    expect(bubble(frame, unsent)).to_have_count(0)
    assert not Message.objects.filter(text=unsent).exists()
