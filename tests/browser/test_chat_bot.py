"""The greeter in two real browsers: a customer presses a topic, and an agent is rung with a summary."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from livechat.models import ChatInbox, TopicForm
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import SEED, browser, bubble, enter, inbox, say, site, ticket_saying, violations
from tests.factories.livechat import form_of
from tests.support.exchange import RunningExchange

__all__ = ["browser", "inbox", "site"]
pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


@pytest.fixture
def greeted(inbox: ChatInbox) -> Iterator[ChatInbox]:
    """The same inbox, answered by the greeter first; as it was afterwards, since other chats are begun here too."""
    form, _question = form_of(inbox)
    ChatInbox.objects.filter(pk=inbox.pk).update(bot="greeter")
    yield inbox
    ChatInbox.objects.filter(pk=inbox.pk).update(bot="")
    TopicForm.objects.filter(pk=form.pk).update(is_active=False)


def test_greeter__topic_pressed__hands_over_and_is_marked_on_both_sides(
    greeted: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    page = open_context().new_page()
    frame = enter(page, site.url)
    question = desk.unique("My coins are late")
    frame.get_by_role("button", name="Open the chat").press("Enter")
    frame.get_by_role("button", name="Something else").click()
    say(frame, question)
    greeting = bubble(frame, "I am an automated assistant")
    expect(greeting).to_be_visible()
    expect(greeting.locator("[data-who]")).to_have_text("Assistant (automated)")
    choice = frame.get_by_role("list", name="Answers to choose from").get_by_role("button")
    expect(choice).to_have_text("My deposit has not arrived")
    assert violations(page) == []

    choice.focus()
    choice.press("Enter")
    expect(frame.get_by_label("Your message")).to_be_focused()
    expect(choice).to_have_count(0)
    expect(bubble(frame, "A person of our team answers here")).to_be_visible()

    agent = open_desk(hire(), desk.ticket_path(ticket_saying(question)))
    bot = desk.message(agent, "I am an automated assistant")
    expect(bot).to_contain_text("Automated: no person wrote this")
    expect(desk.message(agent, "The customer wrote:")).to_be_visible()
    expect(agent.locator("#timeline, [data-timeline]").first).to_contain_text("handed the chat over to people")
    page.close()


@pytest.fixture
def previewed(inbox: ChatInbox) -> Iterator[ChatInbox]:
    """The same inbox, which shows what is typed; as it was afterwards."""
    ChatInbox.objects.filter(pk=inbox.pk).update(shows_typing=True)
    yield inbox
    ChatInbox.objects.filter(pk=inbox.pk).update(shows_typing=False)


def test_typing_preview__where_the_inbox_shows_it__is_told_and_seen_masked(
    previewed: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    page = open_context().new_page()
    frame = enter(page, site.url)
    question = desk.unique("Where is it?")
    frame.get_by_role("button", name="Open the chat").press("Enter")
    expect(frame.get_by_text("Support can see what you type here before you send it.")).to_be_visible()
    assert violations(page) == []
    say(frame, question)
    expect(bubble(frame, question)).to_have_attribute("data-state", "sent")

    agent = open_desk(hire(), desk.ticket_path(ticket_saying(question)))
    typed = agent.locator("[data-typed-words]")
    expect(typed).to_be_hidden()
    expect(bubble(frame, question)).to_have_attribute("data-state", "read")
    frame.get_by_label("Your message").fill(f"I think that {SEED}")
    expect(typed).to_contain_text("I think that")
    expect(typed).to_contain_text("removed: seed phrase")
    assert "abandon" not in typed.inner_text()
    assert axe.violations(agent) == []
    frame.get_by_label("Your message").press("Enter")
    expect(bubble(frame, "I think that")).to_have_attribute("data-state", "read")
    expect(typed).to_be_hidden()
    page.close()
