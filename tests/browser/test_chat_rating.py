"""Rating in real browsers: in the chat after it was wrapped up, by keyboard alone, and behind a mail's link."""

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from accounts.models import Staff
from livechat.models import Chat, ChatInbox
from livechat.services import handling
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import NARROW, SEED, bubble, enter, frame_of, say, ticket_saying, violations
from tests.browser.test_chat import browser as browser  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import inbox as inbox  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import site as site  # noqa: PLC0414 -- a fixture
from tests.browser.test_languages_and_widths import overflow_px
from tests.factories.tickets import TopicFactory
from tests.support.exchange import RunningExchange
from tests.support.system import RunningSystem
from tickets import survey_links
from tickets.models import Survey, SurveyAnswer, Ticket
from tickets.services import properties

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def wrapped_up(frame: FrameLocator, person: Staff) -> Ticket:
    """Have a conversation that somebody takes, ends and resolves."""
    question = desk.unique("Where is it?")
    frame.get_by_role("button", name="Open the chat").click()
    say(frame, question)
    expect(bubble(frame, question)).to_have_attribute("data-state", "sent")
    ticket = properties.assign(ticket=ticket_saying(question), to=person, by=person)
    handling.wrap_up(chat=Chat.objects.get(ticket=ticket), by=person, topic=TopicFactory.create(), then="resolved")
    return Ticket.objects.get(pk=ticket.pk)


def test_rating__after_the_wrap_up__is_given_and_changed_by_keyboard_and_shown_at_the_desk(
    inbox: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    person = hire()
    page = open_context().new_page()
    frame = enter(page, site.url)
    ticket = wrapped_up(frame, person)
    group = frame.get_by_role("group", name="How well did we help you?")
    expect(group).to_be_visible()
    assert violations(page) == []

    frame.get_by_role("button", name="Send the rating").press("Enter")
    expect(frame.locator("[data-survey-problem]")).to_have_text("Choose a rating from 1 to 5 first.")
    expect(frame.get_by_role("radio", name="1 – very bad")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(frame.get_by_role("radio", name="5 – very good")).to_be_checked()
    page.keyboard.press("ArrowLeft")
    expect(frame.get_by_role("radio", name="4 – good")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type(f"Quick. {SEED}")
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(frame.locator("[data-survey-said]")).to_have_text("Thank you. You rated how we helped: 4 of 5.")
    expect(frame.locator("[data-survey-said]")).to_be_focused()
    expect(frame.locator("[data-notice]")).to_contain_text("masked")
    assert violations(page) == []

    # It is the same after a reload, and may be changed.
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.reload()
    frame = frame_of(page)
    frame.get_by_role("button", name="Open the chat").click()
    frame.get_by_role("button", name="Change the rating").press("Enter")
    expect(frame.get_by_role("radio", name="4 – good")).to_be_focused()
    page.keyboard.press("ArrowRight")
    frame.get_by_label("What should we know? (if you like)").fill("Better than I said.")
    frame.get_by_role("button", name="Send the rating").press("Enter")
    expect(frame.locator("[data-survey-said]")).to_contain_text("5 of 5")
    answer = SurveyAnswer.objects.get(survey__ticket=ticket)
    assert (answer.rating, answer.comment, answer.survey.assignee) == (5, "Better than I said.", person)

    agent = open_desk(person, desk.ticket_path(ticket))
    expect(agent.locator("#ratings")).to_contain_text("5 of 5")
    expect(agent.locator("#ratings")).to_contain_text("Better than I said.")
    expect(agent.locator("#messages")).to_contain_text("The customer changed their rating: 5 of 5, before 4 of 5.")
    assert axe.violations(agent) == []
    lead = open_desk(hire("Lin Lead", "lead"), "/desk/chats/team/")
    expect(lead.locator("[data-ratings]")).to_contain_text(person.name)
    assert axe.violations(lead) == []
    lead.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert overflow_px(lead) == 0


def test_rating__skipped__is_asked_no_more_in_any_tab(
    inbox: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext
) -> None:
    page = open_context().new_page()
    frame = enter(page, site.url)
    ticket = wrapped_up(frame, hire())
    frame.get_by_role("button", name="Not now").press("Enter")
    expect(frame.locator("[data-survey]")).to_be_hidden()
    expect(frame.get_by_label("Your message")).to_be_focused()
    assert Survey.objects.get(ticket=ticket).skipped_at is not None
    page.reload()
    frame = frame_of(page)
    frame.get_by_role("button", name="Open the chat").click()
    expect(frame.locator("[data-messages] > li")).to_have_count(1)
    expect(frame.locator("[data-survey]")).to_be_hidden()


def test_rating__by_a_link__takes_one_answer_on_a_phone_in_both_themes(
    inbox: ChatInbox, site: RunningExchange, running_system: RunningSystem, hire: Hire, open_context: OpenContext
) -> None:
    ticket = wrapped_up(enter(open_context().new_page(), site.url), hire())
    page: Page = open_context(viewport=NARROW).new_page()
    url = running_system.url + survey_links.path_for(Survey.objects.get(ticket=ticket))
    page.goto(f"{url}?rating=2")
    expect(page.get_by_role("radio", name="2 – bad")).to_be_checked()
    assert not SurveyAnswer.objects.filter(survey__ticket=ticket).exists()
    assert axe.violations(page) == []
    assert overflow_px(page) == 0
    page.get_by_role("radio", name="3 – fair").check()
    page.get_by_label("What should we know? (if you like)").fill("It took a while.")
    page.get_by_role("button", name="Send the rating").click()
    expect(page.get_by_role("heading", name="Thank you for your rating")).to_be_visible()
    answer = SurveyAnswer.objects.get(survey__ticket=ticket)
    assert (answer.rating, answer.comment) == (3, "It took a while.")
    assert axe.violations(page) == []
