"""The whole way in real browsers: agent asks, second person approves, customer proves, the exchange does it; refusals.

Everybody has a passkey on a device inside Chromium of their own, added on their own page. With PHAROS_PICTURES set to
a folder each step is kept there as a picture, light and dark, wide and narrow.
"""

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Customer, Staff, TeamMembership
from core.ids import new_public_id
from security.exchange import client
from security.models import Execution, FundAction
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_passkeys import add as add_passkey
from tests.browser.test_passkeys import prove_by_code
from tests.factories.accounts import TeamFactory
from tests.factories.customers import portal_customer, portal_ticket
from tests.support import virtual_authenticator
from tests.support.exchange_beside import ENROLLED_AGO, SetClock, account, enter
from tests.support.system import RunningSystem
from tickets.models import Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
IN_GROUPS = "bc1q ar0s rrr7 xfkv y5l6 43ly dnw9 re59 gtzz wf5m dq"
PICTURES = os.environ.get("PHAROS_PICTURES", "")
SIZES = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})


@dataclass
class Story:
    """An agent, a lead of another team and a customer, each in a browser of their own with their own passkey."""

    agent: Page
    lead: Page
    customer: Page
    # The customer's device.
    device: str
    case: Ticket
    url: str

    def ask(self) -> FundAction:
        """The agent asks for a refund from the ticket, and confirms with their passkey."""
        page = self.agent
        page.goto(f"{self.url}{desk.ticket_path(self.case)}")
        page.get_by_role("link", name="Request an action").click()
        page.get_by_role("link", name="Refund", exact=True).click()
        page.get_by_label("Id at the exchange").fill(new_public_id())
        page.get_by_label("Asset").fill("BTC")
        page.get_by_label("Amount").fill("0.01")
        page.get_by_label("Network").select_option("bitcoin")
        page.get_by_label("Address").fill(ADDRESS)
        page.get_by_role("button", name="Check and continue").click()
        expect(page.get_by_role("dialog")).to_contain_text(IN_GROUPS)
        picture(page, "1-agent-confirms")
        page.get_by_role("button", name="Ask, with my passkey").click()
        desk.expect_path(page, f"/desk/tickets/{self.case.public_id}/")
        expect(page.locator("#trust")).to_contain_text("Waits for the customer and the second person")
        picture(page, "2-trust-panel")
        return FundAction.objects.filter(ticket_id=self.case.pk).latest("pk")

    def approve(self, action: FundAction) -> None:
        """The lead who was drawn reads it and approves with their passkey."""
        page = self.lead
        page.goto(f"{self.url}/desk/approvals/")
        picture(page, "3-lead-queue")
        page.goto(f"{self.url}/desk/approvals/{action.public_id}/")
        expect(page.get_by_text(IN_GROUPS)).to_be_visible()
        picture(page, "4-lead-approves")
        page.get_by_role("button", name="Approve, with my passkey").click()
        expect(page.get_by_text("Approved.")).to_be_visible()

    def read(self, action: FundAction) -> Page:
        """The customer opens what waits for them; return their page."""
        page = self.customer
        page.goto(f"{self.url}/portal/approvals/")
        page.locator(f"a[href*='{action.public_id}']").click()
        expect(page.get_by_text(IN_GROUPS)).to_be_visible()
        return page


def picture(page: Page, name: str) -> None:
    """Keep what is to be seen, when somebody wants it."""
    if not PICTURES:
        return
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in axe.SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=Path(PICTURES) / f"fund-{name}-{scheme}-{size['width']}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]


@pytest.fixture
def story(
    running_system: RunningSystem, core_of_the_exchange: dict[str, str], hire: Hire, open_desk: OpenDesk,
    open_context: OpenContext, set_clock: SetClock,
) -> Story:  # fmt: skip
    # What is committed stays: nobody but this lead can be drawn.
    TeamMembership.objects.filter(staff__role__in=["lead", "compliance"]).delete()
    owner = portal_customer(account(core_of_the_exchange), f"{new_public_id()}@example.com")
    customer = open_context().new_page()
    device = enrolled(customer, owner, running_system.url, set_clock)
    return Story(
        agent=with_passkey(open_desk, hire("Ada Agent")), lead=with_passkey(open_desk, hire("Lin Lead", "lead")),
        customer=customer, device=device, case=portal_ticket(owner), url=running_system.url,
    )  # fmt: skip


def with_passkey(open_desk: OpenDesk, person: Staff) -> Page:
    """Put the person into a team of their own and let them add a passkey on their account page."""
    name = new_public_id()
    TeamFactory.create(name=f"Team {name}", slug=name).members.add(person)
    page = open_desk(person, "/account/", is_live=False)
    virtual_authenticator.add(page)
    prove_by_code(page, person)
    add_passkey(page, "Laptop")
    return page


def enrolled(page: Page, owner: Customer, url: str, set_clock: SetClock) -> str:
    """Let the customer add a passkey, three days ago; return their device."""
    set_clock(-ENROLLED_AGO)
    enter(page.context, owner)
    device = virtual_authenticator.add(page)
    page.goto(f"{url}/portal/security/passkey/")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey is added.")).to_be_visible()
    set_clock(timedelta())
    enter(page.context, owner)
    return device


def test_refund__asked_approved_and_proven__is_done_by_the_exchange(story: Story) -> None:
    action = story.ask()
    story.approve(action)
    page = story.read(action)
    picture(page, "5-customer-reads")
    page.get_by_role("button", name="Approve with a passkey").click()

    expect(page.get_by_text("The exchange has carried it out.")).to_be_visible()
    picture(page, "6-customer-done")
    answer = client.get(f"/actions/{action.public_id}").body
    assert (answer["outcome"], Execution.objects.filter(action=action).count()) == ("executed", 1)
    expect(story.agent.locator("#messages")).to_contain_text(
        f"The exchange has done it: Refund (reference {answer['reference']})"
    )
    expect(story.agent.locator("#trust")).to_contain_text("Carried out by the exchange")
    picture(story.agent, "7-agent-sees-it-done")


def test_refund__customers_device_does_not_know_its_person__nothing_is_done(story: Story) -> None:
    action = story.ask()
    story.approve(action)
    page = story.read(action)
    virtual_authenticator.verify(page, story.device, is_right=False)
    page.get_by_role("button", name="Approve with a passkey").click()

    expect(page.locator("[data-passkey-problem]")).to_be_visible()
    picture(page, "8-customer-refused")
    assert not Execution.objects.filter(action=action).exists()
    assert client.get(f"/actions/{action.public_id}").status == 404


def test_refund__customer_says_not_me__is_frozen_and_the_desk_hears_of_it(story: Story) -> None:
    action = story.ask()
    page = story.read(action)
    page.get_by_role("button", name="This wasn't me: freeze my account").click()

    expect(page.get_by_text("You said that this was not you.")).to_be_visible()
    picture(page, "9-customer-denies")
    expect(story.agent.locator("#messages")).to_contain_text("The customer says that this was not them")
    expect(story.agent.locator("#trust")).to_contain_text("Frozen")
    picture(story.agent, "10-agent-sees-it-denied")
    story.lead.goto(f"{story.url}/desk/approvals/{action.public_id}/")
    expect(story.lead.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)
    assert client.get(f"/actions/{action.public_id}").status == 404


def test_refund__second_person_declines__customer_is_told_and_cannot_approve(story: Story) -> None:
    action = story.ask()
    page = story.lead
    page.goto(f"{story.url}/desk/approvals/{action.public_id}/")
    page.get_by_label("Why").fill("The payment was refunded in October.")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Declined.")).to_be_visible()

    page = story.read(action)
    expect(page.get_by_text("The second person of support has declined it.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve with a passkey")).to_have_count(0)
    expect(story.agent.locator("#messages")).to_contain_text("Lin Lead declined")
