"""The agent console in real browsers: a customer on the exchange's site, agents and a lead at the desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Presence, Staff, Team
from core.clock import DatabaseNow
from livechat.models import Chat, ChatInbox
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import browser as browser  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import bubble, enter, say, ticket_saying
from tests.browser.test_chat import inbox as inbox  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import site as site  # noqa: PLC0414 -- a fixture
from tests.browser.test_languages_and_widths import overflow_px
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import TopicFactory
from tests.support.exchange import RunningExchange
from tickets.models import Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
NARROW = {"width": 390, "height": 844}
SUMMARY = "Waits for a deposit; hash checked, two confirmations missing."


@pytest.fixture
def team(inbox: ChatInbox) -> Iterator[Team]:
    """A team that has this chat to itself: what other tests have left rings nowhere."""
    mine: Team = TeamFactory.create(name=desk.unique("Chat"), slug=desk.unique("chat").replace(" ", "-"))
    Chat.objects.filter(ended_at__isnull=True).update(ended_at=DatabaseNow())
    Presence.objects.update(state="offline")
    ChatInbox.objects.filter(pk=inbox.pk).update(team=mine)
    yield mine
    ChatInbox.objects.filter(pk=inbox.pk).update(team=None)
    Presence.objects.update(state="offline")


def member(team: Team, person: Staff) -> Staff:
    team.memberships.create(staff=person)
    return person


def come_online(page: Page) -> None:
    """Set one's presence from the desk's header, by keyboard."""
    expect(page.locator(".presence summary")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.locator(".presence [aria-current=true]")).to_be_focused()
    for _step in ("On call", "Away", "Online"):
        page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Online", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".presence summary")).to_have_attribute("data-state", "online")


def asks(open_context: OpenContext, site: RunningExchange, question: str) -> Page:
    """A customer writes for the first time."""
    page = open_context().new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    say(frame, question)
    expect(bubble(frame, question)).to_have_attribute("data-state", "sent")
    return page


def test_console__chat_rings_on_any_page__is_taken_answered_and_wrapped_up_by_keyboard(
    team: Team, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    ada = open_desk(member(team, hire()), "/desk/new/")
    topic = TopicFactory.create()
    question, reply, more = desk.unique("Where is it?"), desk.unique("Let me look."), desk.unique("And now?")
    page = asks(open_context, site, question)
    frame = page.frame_locator("iframe[title='Chat with support']")
    told = frame.locator("[data-queue]")
    expect(told).to_have_text("You are next. Nobody is there right now; your message is kept and answered here.")

    come_online(ada)
    expect(ada.locator("[data-ring]")).to_be_visible()
    ada.locator("h1").first.click()
    ada.keyboard.press("y")
    ticket = ticket_saying(question)
    desk.expect_path(ada, f"/desk/tickets/{ticket.public_id}/")
    expect(told).to_have_text("You are talking to Ada.")
    expect(ada.locator("[data-my-chat]")).to_have_attribute("aria-current", "page")
    expect(ada.locator("#messages")).to_contain_text("Ada Agent took the chat.")
    expect(ada.locator(".chat-pages .data")).to_have_text(["/"])
    expect(ada.locator("[data-ring]")).to_have_count(0)
    desk.write(ada, reply)
    desk.send(ada)
    expect(bubble(frame, reply)).to_be_visible()
    assert axe.violations(ada) == []

    # Elsewhere at the desk the list says that somebody waits; its key leads back.
    ada.goto(ada.url.partition("/desk/")[0] + "/desk/views/open/")
    say(frame, more)
    expect(ada.locator("[data-my-chat] .my-unread")).to_contain_text("1")
    expect(ada.locator("[data-my-chat] .my-wait")).to_be_visible()
    ada.keyboard.press("g")
    ada.keyboard.press("1")
    expect(desk.message(ada, more)).to_be_visible()

    expect(ada.locator("#chat-panel")).to_contain_text("With Ada Agent")
    ada.keyboard.press("w")
    ada.locator("#chat-topic").select_option("")
    ada.get_by_role("button", name="End the chat").click()
    expect(ada.locator("#chat-panel [role=alert]")).to_contain_text("Choose a topic first")
    ada.locator(".chat-act summary").filter(has_text="End and wrap up").click()
    ada.locator("#chat-topic").select_option(topic.slug)
    ada.get_by_role("button", name="End the chat").click()
    expect(ada.locator("#chat-panel")).to_contain_text("wrapped up")
    expect(frame.locator("[data-banner]")).to_contain_text("This conversation has ended.")
    expect(ada.locator("[data-my-chat]")).to_have_count(0)
    assert Ticket.objects.values_list("status", flat=True).get(pk=ticket.pk) == "resolved"


def test_console__declined__rings_at_the_next__who_hands_over__and_a_lead_takes_over(
    team: Team, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    ada = open_desk(member(team, hire()))
    come_online(ada)
    question = desk.unique("Who is first?")
    asks(open_context, site, question)
    expect(ada.locator("[data-ring]")).to_be_visible()
    ben = open_desk(member(team, hire("Ben Both")))
    come_online(ben)
    ada.get_by_role("button", name="Decline").click()
    expect(ada.locator("[data-ring]")).to_have_count(0)
    expect(ben.locator("[data-ring]")).to_be_visible()
    ben.get_by_role("button", name="Accept").click()
    ticket = ticket_saying(question)
    desk.expect_path(ben, f"/desk/tickets/{ticket.public_id}/")

    expect(ben.locator("#chat-panel")).to_contain_text("With Ben Both")
    ben.keyboard.press("h")
    ben.locator("#chat-to").select_option(label="Ada Agent")
    ben.locator("#chat-summary").fill(SUMMARY)
    ben.locator(".chat-form").get_by_role("button", name="Hand over").click()
    expect(ada.locator("[data-toasts]")).to_contain_text("A chat is yours now")
    expect(ada.locator("[data-my-chat]")).to_have_count(1)
    ada.locator("[data-my-chat]").click()
    expect(ada.locator("#messages")).to_contain_text(SUMMARY)
    expect(ada.locator("#messages")).to_contain_text("Ben Both handed the chat over to Ada Agent.")

    lead = open_desk(hire("Lin Lead", "lead"), desk.ticket_path(ticket))
    expect(lead.locator("#chat-panel")).to_contain_text("A note is a whisper here")
    lead.get_by_role("button", name="Take over").click()
    expect(lead.locator("#chat-panel")).to_contain_text("With Lin Lead")
    expect(ada.locator("[data-my-chat]")).to_have_count(0)
    lead.get_by_role("link", name="Who takes chats").click()
    lead.get_by_role("button", name="Set Ben Both: Away").click()
    expect(lead.get_by_role("button", name="Set Ben Both: Online")).to_be_visible()
    expect(ben.locator(".presence summary")).to_have_attribute("data-state", "away")
    assert axe.violations(lead) == []
    lead.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert overflow_px(lead) == 0


def test_console__on_a_phone_in_chinese__shows_the_ring_whole_and_has_no_violation(
    team: Team, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    ada = open_desk(member(team, hire(locale="zh-hans")), viewport=NARROW)
    presence = Presence.objects.filter(staff__name="Ada Agent")
    ada.goto(ada.url)
    asks(open_context, site, desk.unique("On the phone?"))
    ada.evaluate("""() => fetch("/desk/chats/presence/", { method: "POST", body: new URLSearchParams({ state: "online" }),
      headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content } })""")
    presence.update(languages=["en", "zh-hans"])
    ring = ada.locator("[data-ring]")
    expect(ring).to_be_visible()
    expect(ring).to_contain_text("有聊天响铃")
    assert overflow_px(ada) == 0
    assert axe.violations(ada) == []
