"""SMS through the demo's simulator: both ways, signed; how long an answer is, and who said STOP."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import TeamFactory
from tests.support.system import wait_for
from tickets.models import SocialAccount, SocialPost, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("system_db")]


@pytest.fixture
def account() -> SocialAccount:
    """The account that the simulator plays with: the oldest active one, so others rest."""
    SocialAccount.objects.update(is_active=False)
    return SocialAccount.objects.create(
        kind="sms", name=desk.unique("Support"), team=TeamFactory.create(), external_id="+442079460018",
        app_key="AC1", token=desk.unique("token").replace(" ", "-"),
    )  # fmt: skip


def say(customer: Page, account: SocialAccount, text: str) -> None:
    customer.get_by_label(f"Write to {account.name}").fill(text)
    customer.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(customer.get_by_text(text, exact=True).first).to_be_visible()


def test_sms__both_ways__counted_delivered_and_stopped(hire: Hire, open_desk: OpenDesk, account: SocialAccount) -> None:
    agent = hire()
    customer = open_desk(agent, "/demo/channels/?channel=sms", is_live=False)
    say(customer, account, "Where is my deposit?")
    tickets = Ticket.objects.filter(social_thread__chat__account=account)
    wait_for(tickets.exists, "the case is open")
    assert axe.violations(customer) == []

    page = open_desk(agent, desk.ticket_path(tickets.get()))
    length = page.locator("[data-sms-length]")
    expect(length).to_have_text("0 SMS, 160 characters left")
    page.locator("#composer-text").fill("It is on its way, €5 of it.")
    expect(length).to_have_text("1 SMS, 132 characters left")
    page.locator("#composer-text").fill("退" * 71)
    expect(length).to_contain_text("2 SMS, 63 characters left: not all")
    assert axe.violations(page) == []
    page.locator("#composer-text").fill("It is on its way.")
    page.get_by_role("button", name="Send", exact=True).click()
    posts = SocialPost.objects.filter(chat__account=account)
    wait_for(posts.filter(state="sent", is_reported=True).exists, "the answer is sent", 40.0)

    customer.get_by_role("link", name="Refresh").click()
    expect(customer.locator("[data-said=ours]")).to_contain_text("It is on its way.")
    customer.get_by_role("button", name="Deliver what was sent").click()
    wait_for(posts.filter(delivered_at__isnull=False).exists, "the receipt is kept")
    say(customer, account, "STOP")
    wait_for(lambda: tickets.filter(messages__event="messages_stopped").exists(), "they are not written to any more")
    page = open_desk(agent, desk.ticket_path(tickets.get()))
    expect(page.locator("[data-answering=stopped]")).to_contain_text("asked to get no more messages")
    assert axe.violations(page) == []
