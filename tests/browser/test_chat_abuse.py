"""Abuse in real browsers: an agent warns and ends by keyboard, the visitor reads until when, a lead lifts it."""

import pytest
from playwright.sync_api import expect

from livechat.models import AbuseStep, ChatInbox
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_chat import NARROW, bubble, enter, say, ticket_saying, violations
from tests.browser.test_chat import browser as browser  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import inbox as inbox  # noqa: PLC0414 -- a fixture
from tests.browser.test_chat import site as site  # noqa: PLC0414 -- a fixture
from tests.browser.test_languages_and_widths import overflow_px
from tests.support.exchange import RunningExchange

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_abuse__warned_and_ended__is_told_until_when_and_lifted_by_a_lead(
    inbox: ChatInbox, site: RunningExchange, hire: Hire, open_context: OpenContext, open_desk: OpenDesk
) -> None:
    page = open_context().new_page()
    frame = enter(page, site.url)
    frame.get_by_role("button", name="Open the chat").click()
    rude = desk.unique("You fools")
    say(frame, rude)
    expect(bubble(frame, rude)).to_have_attribute("data-state", "sent")

    ticket = ticket_saying(rude)
    agent = open_desk(hire(), desk.ticket_path(ticket))
    panel = agent.locator("#chat-panel")
    panel.get_by_text("Abuse", exact=True).press("Enter")
    expect(panel.get_by_role("button", name="End because of abuse")).to_have_count(0)
    panel.get_by_role("button", name="Warn the customer").press("Enter")
    expect(bubble(frame, "Please stay civil.")).to_be_visible()
    # The visitor may see it before the panel, which comes anew with the next step, closed.
    expect(panel.locator("button", has_text="End because of abuse")).to_be_attached()
    panel.get_by_text("Abuse", exact=True).press("Enter")
    panel.get_by_label("What happened").fill("Called us names after the warning.")
    assert axe.violations(agent) == []
    panel.get_by_role("button", name="End because of abuse").press("Enter")
    expect(bubble(frame, "We end this conversation")).to_be_visible()
    held = frame.locator("[data-held]")
    expect(held).to_contain_text("You cannot begin a conversation here until")
    expect(frame.get_by_label("Your message")).to_be_hidden()
    expect(agent.locator("#messages")).to_contain_text("ended the chat because of abuse.")
    assert violations(page) == []
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert violations(page) == []
    # What protects stays.
    frame.get_by_role("button", name="Security").click()
    expect(frame.locator("[data-trust-panel]")).to_be_visible()

    lead = open_desk(hire("Lin Lead", "lead"), desk.ticket_path(ticket))
    lead.locator("#chat-panel").get_by_text("Abuse", exact=True).press("Enter")
    assert axe.violations(lead) == []
    lead.get_by_role("button", name="Let them write again").press("Enter")
    expect(held).to_be_hidden()
    assert AbuseStep.objects.get(chat__ticket=ticket, kind="ended").lifted_at is not None
    lead.goto(lead.url.split("/desk/")[0] + "/desk/chats/team/")
    expect(lead.locator("[data-abuse]")).to_contain_text("warned 1, handed over 0, ended 1")
    assert axe.violations(lead) == []
    lead.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert overflow_px(lead) == 0
