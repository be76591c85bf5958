"""A call through the demo's simulator: menu, queue, an agent who takes it, and what is left afterwards."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import StaffPhone
from livechat.services import presence
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import TeamFactory
from tests.support.system import wait_for
from tickets.models import PhoneCall, PhoneLine, Topic

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("system_db")]


@pytest.fixture
def line() -> PhoneLine:
    """The line that the simulator plays with: the oldest active one, so others rest."""
    PhoneLine.objects.update(is_active=False)
    number = f"+4420{int(desk.unique('0').partition(' ')[2], 16) % 10**8:08d}"
    found = PhoneLine.objects.create(
        name=desk.unique("Hotline"), number=number, account_sid="AC1", token=desk.unique("secret"),
        team=TeamFactory.create(), languages=["en", "zh-hans"], asks_pin=False,
    )  # fmt: skip
    heading = Topic.objects.create(name=desk.unique("Money"), slug=desk.unique("money").replace(" ", "-"))
    topic = Topic.objects.create(parent=heading, name="Deposit missing", slug=desk.unique("gone").replace(" ", "-"))
    found.reasons.create(key=1, words="A deposit", words_zh_hans="充值", topic=topic, priority="high")
    return found


def press(page: Page, name: str, phone: str = "caller") -> None:
    """Press a button of a phone by keyboard; the page that follows is there."""
    button = page.locator(f"[data-phone={phone}]").first.get_by_role("button", name=name, exact=True)
    with page.expect_navigation():
        button.press("Enter")


def narrow(page: Page) -> None:
    """Look at a page as on a telephone."""
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})


def test_phone__menu_queue_agent_and_notes(hire: Hire, open_desk: OpenDesk, line: PhoneLine) -> None:
    agent = hire()
    line.team.memberships.create(staff=agent)
    StaffPhone.objects.create(staff=agent, number="+442079460001")
    calls = open_desk(agent, "/desk/calls/")
    phone = open_desk(agent, "/demo/channels/phone/", is_live=False)
    phone.get_by_label(re.compile("from")).fill("+44 20 7946 0999")
    with phone.expect_navigation():
        phone.get_by_role("button", name="Call", exact=True).press("Enter")
    press(phone, "Press 1")
    press(phone, "Press 1")
    expect(phone.locator(".raw").first).to_contain_text("<Redirect")
    press(phone, "Go on")
    expect(phone.get_by_text("You are number 1 in the queue.").first).to_be_visible()
    calls.reload()
    row = calls.locator("[data-calls] li").filter(has_text="Deposit missing")
    expect(row).to_contain_text("Waiting")
    presence.say(person=agent, state="online")
    press(phone, "Press nothing")
    press(phone, "Pick up over there")
    press(phone, "Press 1", "rung")
    narrow(phone)
    expect(phone.locator("[data-phone=rung]").first).to_contain_text("They talk")
    calls.reload()
    expect(row).to_contain_text("Talking")
    narrow(calls)
    row.get_by_role("link").click()
    panel = calls.locator("#call-panel")
    expect(panel.get_by_label("Transfer to")).to_be_visible()
    press(phone, "End the talk")
    call = PhoneCall.objects.get(line=line, direction="in")
    assert call.ticket is not None
    assert (call.outcome, call.agent) == ("answered", agent)
    calls.goto(f"{calls.url.partition('/desk/')[0]}{desk.ticket_path(call.ticket)}")
    panel.get_by_label("We have to do something").check()
    panel.get_by_label("Note").fill("Asks for the hash of the deposit.")
    narrow(calls)
    panel.get_by_role("button", name="Finish the call").press("Enter")
    expect(panel.get_by_role("button", name="Finish the call")).to_have_count(0)
    wait_for(lambda: PhoneCall.objects.get(pk=call.pk).disposition == "follow_up", "it is noted")
    expect(desk.message(calls, "Asks for the hash of the deposit.")).to_be_visible()
