"""The form before a chat: a topic, its questions, what is wrong with an answer, and the ticket that it opens."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from livechat.models import Chat, ChatHours, ChatInbox, Mark, TopicForm, TopicQuestion
from livechat.services import handling
from tests.browser import desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import NARROW, bubble, enter, frame_of, say, ticket_saying, violations
from tests.browser.test_chat_files import browser, inbox, site
from tests.factories.livechat import form_of
from tests.support.exchange import RunningExchange
from tests.support.system import RunningSystem, wait_for
from tickets.models import Ticket
from tickets.services import replies
from tickets.services.senders import Sender

__all__ = ["browser", "inbox", "site"]
pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
HASH = "0x4e3a7d9f8c1b2a0e5d6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d"


@pytest.fixture
def form(inbox: ChatInbox) -> Iterator[TopicForm]:
    """A topic that asks for a hash, an asset and a choice; gone afterwards, since other chats are begun here too."""
    made, _question = form_of(inbox, is_required=True)
    TopicQuestion.objects.create(form=made, position=2, kind="asset", label="What did you send?")
    choices = ["Wallet", "Exchange"]
    TopicQuestion.objects.create(form=made, position=3, kind="choice", label="From where?", choices=choices)
    yield made
    TopicForm.objects.filter(pk=made.pk).update(is_active=False)


def test_form__by_keyboard_on_a_phone__says_what_is_wrong_and_opens_a_ticket_of_its_topic(
    form: TopicForm, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    page = open_context(viewport=NARROW).new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").press("Enter")
    expect(frame.get_by_label("Your message")).to_be_hidden()
    assert violations(page) == []
    expect(frame.get_by_role("button", name=form.name)).to_be_focused()
    page.keyboard.press("Enter")
    field = frame.get_by_label("Transaction hash")
    expect(field).to_be_focused()
    assert violations(page) == []
    field.fill("0x123")
    words = desk.unique("It has been an hour.")
    frame.get_by_label("What happened?").fill(words)
    frame.get_by_label("What did you send?").fill("usdt")
    frame.get_by_label("Network").select_option("Tron")
    frame.get_by_label("From where?").select_option("Wallet")
    frame.get_by_role("button", name="Start the chat").press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(frame.locator("[data-prechat]")).to_contain_text("This is not a transaction hash")
    assert violations(page) == []
    field.fill(HASH)
    field.press("Enter")

    expect(bubble(frame, words)).to_have_attribute("data-state", "sent")
    expect(frame.get_by_label("Your message")).to_be_visible()
    ticket = Ticket.objects.get(channel="chat", messages__text__endswith=words)
    assert ticket.topic == form.topic
    agent = open_desk(hire(), desk.ticket_path(ticket))
    expect(desk.message(agent, words)).to_contain_text(HASH)
    expect(desk.message(agent, words)).to_contain_text("What did you send? USDT (Tron)")


def test_form__something_else__is_the_usual_field(
    form: TopicForm, site: RunningExchange, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    frame.get_by_role("button", name="Something else").click()
    expect(frame.get_by_label("Your message")).to_be_focused()
    words = desk.unique("Just a question")
    say(frame, words)
    expect(bubble(frame, words)).to_have_attribute("data-state", "sent")
    assert ticket_saying(words).topic is None


def test_form__after_the_end__comes_when_the_visitor_wants_it_and_hides_nothing_unread(
    form: TopicForm, site: RunningExchange, hire: Hire, open_context: OpenContext
) -> None:
    person = hire()
    page = open_context(viewport=NARROW).new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    frame.get_by_role("button", name="Something else").click()
    words = desk.unique("Where is my deposit")
    say(frame, words)
    expect(bubble(frame, words)).to_have_attribute("data-state", "sent")
    chat = Chat.objects.select_related("ticket", "visitor").get(ticket=ticket_saying(words))
    last, later = desk.unique("It arrived a minute ago"), desk.unique("One more thing")
    sender = Sender.of_staff(person)
    replies.add(ticket=chat.ticket, sender=sender, channel="chat", words=replies.Words(text=last))
    handling.wrap_up(chat=chat, by=person, topic=form.topic, then="resolved")

    again = frame.get_by_role("button", name="Begin another conversation")
    expect(again).to_be_visible()
    expect(bubble(frame, last)).to_be_visible()
    expect(frame.get_by_label("Your message")).to_be_hidden()
    assert violations(page) == []
    again.press("Enter")
    expect(frame.get_by_role("button", name=form.name)).to_be_focused()
    assert violations(page) == []

    # What comes while the form stands there has not been seen.
    seq = (
        replies.add(ticket=chat.ticket, sender=sender, channel="chat", words=replies.Words(text=later)).public_seq or 0
    )
    mark = Mark.objects.filter(chat=chat, side="visitor")
    wait_for(mark.filter(delivered=seq).exists, "the answer to reach the page")
    assert not mark.filter(read=seq).exists()
    page.reload()
    frame = frame_of(page)
    frame.get_by_role("button", name="Open the chat").click()
    expect(bubble(frame, later)).to_be_visible()
    wait_for(mark.filter(read=seq).exists, "it to be read")


def test_form__in_chinese__asks_in_chinese(
    form: TopicForm, running_system: RunningSystem, open_context: OpenContext
) -> None:
    page = open_context(viewport=NARROW).new_page()
    page.goto(f"{running_system.url}/chat/{form.inbox.slug}/frame/?lang=zh-hans")
    page.get_by_role("button", name="打开聊天").click()
    page.evaluate("document.querySelector('[data-prechat]').hidden = false")
    page.get_by_role("button", name="我的充值未到账").click()
    expect(page.get_by_label("交易哈希")).to_be_visible()
    assert violations(page) == []


def test_hours__closed__says_when_we_are_back_and_takes_a_question_for_an_answer_by_mail(
    inbox: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    told = {"time_zone": "Europe/Berlin", "weekly": "", "dates": "2099-07-01 09:00-10:00", "is_active": True}
    closed, _is_new = ChatHours.objects.update_or_create(inbox=inbox, defaults=told)
    try:
        # The next opening is further away than anybody looks; one of tomorrow is told in the reader's own time.
        page = open_context(viewport=NARROW, timezone_id="Asia/Singapore").new_page()
        frame = enter(page, site.url)
        frame.get_by_role("button", name="Open the chat").click()
        expect(frame.locator("[data-closed]")).to_have_text("Nobody is here right now.")
        expect(frame.get_by_label("Your message")).to_be_hidden()
        assert violations(page) == []
        words = desk.unique("Where is my deposit")
        frame.get_by_label("Your question").fill(words)
        frame.get_by_label("Your email address").fill("mina")
        frame.get_by_role("button", name="Send the question").press("Enter")
        expect(frame.get_by_role("alert")).to_contain_text("This is not an email address.")
        assert violations(page) == []
        frame.get_by_label("Your email address").fill("mina@example.com")
        frame.get_by_role("button", name="Send the question").press("Enter")
        ticket_number = frame.locator("[data-left-text]")
        expect(ticket_number).to_contain_text("We answer by mail to mina@example.com.")
        assert violations(page) == []
        ticket = Ticket.objects.get(messages__text=words)
        expect(ticket_number).to_contain_text(str(ticket.number))
        agent = open_desk(hire(), desk.ticket_path(ticket))
        expect(desk.message(agent, words)).to_contain_text("Sender not proven")

        tomorrow = (datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(days=1)).date()
        ChatHours.objects.filter(pk=closed.pk).update(dates=f"{tomorrow.isoformat()} 09:00-10:00")
        page.reload()
        frame.get_by_role("button", name="Open the chat").click()
        back = datetime.combine(tomorrow, time(9), ZoneInfo("Europe/Berlin")).astimezone(ZoneInfo("Asia/Singapore"))
        expect(frame.locator("[data-closed]")).to_contain_text(f"{back:%-I:%M} PM GMT+8, your time")
        frame.get_by_role("button", name="Write in the chat instead").click()
        later = desk.unique("I can wait")
        say(frame, later)
        expect(bubble(frame, later)).to_have_attribute("data-state", "sent")
        assert violations(page) == []
    finally:
        ChatHours.objects.filter(pk=closed.pk).update(is_active=False)
