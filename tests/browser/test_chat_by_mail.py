"""A chat goes on by mail: the visitor leaves, the answer follows, and a link leads back into the conversation."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from core.clock import from_now
from livechat.models import Chat
from tests.browser import axe, desk, mails
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import NARROW, browser, bubble, enter, inbox, say, site, ticket_saying, violations
from tests.support.exchange import RunningExchange
from tests.support.system import RunningSystem
from tickets.models import Mailbox, Ticket

__all__ = ["browser", "inbox", "site"]
pytestmark = [
    pytest.mark.xdist_group("system"),
    pytest.mark.usefixtures("mailbox", "inbox"),
    pytest.mark.timeout(600),
]
PATIENCE_S = 90.0


def panel(frame: FrameLocator) -> FrameLocator:
    frame.get_by_role("button", name="By mail").press("Enter")
    return frame


def confirm_address(page: Page, frame: FrameLocator, system: RunningSystem, address: str) -> None:
    """Give an address in the chat, and confirm it in another tab as the mail says."""
    panel(frame).locator("#mail-address").fill(address)
    assert violations(page) == []
    frame.get_by_role("button", name="Send me a link").press("Enter")
    number = frame.locator("[data-mail-panel] .chat-words")
    expect(number).to_be_visible()
    assert violations(page) == []
    letter = mails.sent_to(system, address, saying="type the number", patience_s=PATIENCE_S)
    link = re.search(r"https?://\S+/chat/mail/\S+/confirm/", mails.part(letter, "plain"))
    assert link is not None
    tab = page.context.new_page()
    tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
    tab.goto(system.url + urlsplit(link[0]).path)
    field = tab.get_by_label("The number that stands in the chat")
    field.fill(f"{(int(number.inner_text()) + 1) % 10_000:04}")
    tab.get_by_role("button", name="Send answers here").click()
    expect(tab.get_by_role("alert")).to_contain_text("This is not the number")
    assert axe.violations(tab) == []
    field.fill(number.inner_text())
    field.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Answers will follow you by mail")
    assert axe.violations(tab) == []
    tab.close()


def has_left(ticket: Ticket) -> None:
    """Let the visitor's absence, and the answer, be older than they are."""
    chat = Chat.objects.select_related("visitor").get(ticket=ticket)
    ago = from_now(-timedelta(minutes=10))
    type(chat.visitor).objects.filter(pk=chat.visitor_id).update(here_at=ago)
    Chat.objects.filter(pk=chat.pk).update(mail_owed_since=ago)


def test_by_mail__visitor_leaves__answer_follows_is_answered_by_mail_and_leads_back(
    running_system: RunningSystem,
    mailbox: Mailbox,
    site: RunningExchange,
    hire: Hire,
    open_context: OpenContext,
    open_desk: OpenDesk,
) -> None:
    context = open_context(viewport=NARROW)
    page = context.new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    question, reply = desk.unique("Where is my deposit?"), desk.unique("It is on its way.")
    say(frame, question)
    expect(bubble(frame, question)).to_have_attribute("data-state", re.compile("sent|delivered|read"))
    ticket = ticket_saying(question)
    address = f"leaver-{ticket.public_id}@example.com"
    confirm_address(page, frame, running_system, address)
    context.close()

    agent = open_desk(hire(), desk.ticket_path(ticket))
    desk.write(agent, reply)
    desk.send(agent)
    expect(desk.message(agent, reply)).to_be_visible()
    has_left(ticket)
    letter = mails.sent_to(running_system, address, saying=reply, patience_s=PATIENCE_S)
    assert question not in mails.part(letter, "plain")
    expect(agent.get_by_text("what they had not read went out by mail")).to_be_visible()

    # They answer that mail: it is in the same conversation.
    raw = mails.answer_to(letter, sender=f"Mina <{address}>", text="The one of Monday.")
    mails.by_smtp(running_system, raw, sender=address, to=str(letter["Reply-To"]))
    expect(desk.message(agent, "The one of Monday.")).to_be_visible()

    # Another browser, by the link: the conversation is there, and goes on.
    link = re.search(r"/chat/back/#\S+", mails.part(letter, "plain"))
    assert link is not None
    elsewhere = open_context(viewport=NARROW).new_page()
    elsewhere.goto(running_system.url + link[0])
    assert "#" not in elsewhere.url
    assert axe.violations(elsewhere) == []
    elsewhere.get_by_role("button", name="Open my conversation").click()
    back = elsewhere.frame_locator("iframe[title='Chat with support']")
    for words in (question, reply, "The one of Monday."):
        expect(bubble(back, words)).to_be_visible()
    more = desk.unique("I am back.")
    say(back, more)
    expect(desk.message(agent, more)).to_be_visible()
    elsewhere.reload()
    expect(bubble(back, more)).to_be_attached()
    again = open_context().new_page()
    again.goto(running_system.url + link[0])
    again.get_by_role("button", name="Open my conversation").click()
    expect(again.get_by_role("alert")).to_contain_text("This link no longer works")


def test_transcript__after_the_end__is_asked_for_in_the_chat_and_sent_at_the_desk(
    running_system: RunningSystem,
    site: RunningExchange,
    hire: Hire,
    open_context: OpenContext,
    open_desk: OpenDesk,
) -> None:
    page = open_context(viewport=NARROW, timezone_id="Asia/Tokyo").new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    question, reply = desk.unique("Where is my deposit?"), desk.unique("It is on its way.")
    say(frame, question)
    expect(bubble(frame, question)).to_have_attribute("data-state", re.compile("sent|delivered|read"))
    ticket = ticket_saying(question)
    address = f"asker-{ticket.public_id}@example.com"
    agent = open_desk(hire(), desk.ticket_path(ticket))
    chat_panel = agent.locator("#chat-panel")
    expect(chat_panel).to_be_visible()
    expect(chat_panel.get_by_role("button", name="Send the transcript")).to_be_hidden()
    desk.write(agent, reply)
    desk.send(agent)
    expect(bubble(frame, reply)).to_be_visible()
    confirm_address(page, frame, running_system, address)
    frame.get_by_role("button", name="By mail").press("Enter")

    # Both end it: the customer is offered what was said.
    frame.get_by_role("button", name="End", exact=True).click()
    frame.get_by_role("button", name="End it").click()
    frame.get_by_role("button", name="Get this conversation by mail").press("Enter")
    expect(frame.locator("[data-mail-panel]")).to_contain_text("a***@e***")
    assert violations(page) == []
    frame.get_by_role("button", name="Send me the transcript").press("Enter")
    expect(frame.locator("[data-mail-panel]").get_by_role("status")).to_contain_text("It is on its way to")
    assert violations(page) == []
    letter = mails.sent_to(running_system, address, saying=question, patience_s=PATIENCE_S)
    assert reply in mails.part(letter, "plain")
    assert "JST" in mails.part(letter, "plain")
    assert letter["Subject"] == f"Your conversation {ticket.number}"
    expect(agent.get_by_text("asked for the transcript by mail")).to_be_visible()

    agent.reload()
    chat_panel.get_by_role("button", name="Send the transcript").press("Enter")
    expect(agent.get_by_text("sent the customer the transcript by mail")).to_be_visible()
    assert axe.violations(agent) == []
