"""X through the demo's simulator: a direct message and a mention, signed; what agents see who answer in public."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import TeamFactory
from tests.support.system import wait_for
from tickets.models import Message, SocialAccount, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("system_db")]


@pytest.fixture
def account() -> SocialAccount:
    """The account that the simulator plays with: the oldest active one, so others rest."""
    SocialAccount.objects.update(is_active=False)
    token = desk.unique("token").replace(" ", "-")
    return SocialAccount.objects.create(
        kind="x", name=desk.unique("Support"), team=TeamFactory.create(), external_id="7000003", app_key="key",
        app_secret="a-secret", token=token, token_secret="another-secret",
    )  # fmt: skip


def ticket_of(account: SocialAccount, *, is_public: bool) -> Ticket | None:
    found = Ticket.objects.filter(social_thread__chat__account=account, social_thread__chat__is_public=is_public)
    return found.first()


def say(customer: Page, account: SocialAccount, text: str, *, is_public: bool) -> Ticket:
    customer.get_by_label(f"Write to {account.name}").fill(text)
    name = "Post and mention us" if is_public else "Send a direct message"
    customer.get_by_role("button", name=name).press("Enter")
    expect(customer.get_by_text(text).first).to_be_visible()
    wait_for(lambda: ticket_of(account, is_public=is_public) is not None, "the case is open")
    ticket = ticket_of(account, is_public=is_public)
    assert ticket is not None
    return ticket


def sent(ticket: Ticket) -> bool:
    return Message.objects.filter(ticket=ticket, direction="out", social_post__state="sent").exists()


def test_x__both_ways_in_private_and_in_public(hire: Hire, open_desk: OpenDesk, account: SocialAccount) -> None:
    agent = hire()
    customer = open_desk(agent, "/demo/channels/x/", is_live=False)
    assert axe.violations(customer) == []
    private = say(customer, account, "Where is my deposit?", is_public=False)
    public = say(customer, account, "Where are my coins?", is_public=True)
    assert axe.violations(customer) == []

    page = open_desk(agent, desk.ticket_path(private))
    expect(page.locator("#composer-public")).to_have_count(0)
    page.locator("#composer-text").fill("It is on its way.")
    page.get_by_role("button", name="Send", exact=True).click()
    wait_for(lambda: sent(private), "the answer is sent", 40.0)

    page = open_desk(agent, desk.ticket_path(public))
    expect(page.locator("#composer-public")).to_contain_text("Everybody will read this answer.")
    expect(page.get_by_role("button", name="Send", exact=True)).to_have_accessible_description(
        re.compile("Everybody will read this answer.")
    )
    assert axe.violations(page) == []
    page.locator("#composer-text").fill("We sent mina@example.com your 1.25 BTC.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("There is an email address or a phone number in it")
    expect(page.locator("#composer-text")).to_have_value("We sent mina@example.com your 1.25 BTC.")
    page.locator("#composer-text").fill("")
    page.get_by_role("button", name="Move to private").press("Enter")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.locator("#composer-text")).to_have_value(re.compile("write us a direct message"))
    page.get_by_role("button", name="Send", exact=True).click()
    wait_for(lambda: sent(public), "the answer is posted", 40.0)

    customer.get_by_role("link", name="Refresh").click()
    expect(customer.locator("[data-said=ours][data-way=private]")).to_contain_text("It is on its way.")
    expect(customer.locator("[data-said=ours][data-way=public]")).to_contain_text("below a post")


def test_public_case__narrow_and_in_chinese__fits(hire: Hire, open_desk: OpenDesk, account: SocialAccount) -> None:
    agent = hire(locale="zh-hans")
    customer = open_desk(agent, "/demo/channels/x/", is_live=False)
    customer.set_viewport_size({"width": 390, "height": 844})
    assert customer.evaluate("document.documentElement.scrollWidth <= 390")
    assert axe.violations(customer) == []
    customer.locator("#say-text").fill("Hello")
    customer.locator("button[value=mention]").click()
    wait_for(lambda: ticket_of(account, is_public=True) is not None, "the case is open")
    ticket = ticket_of(account, is_public=True)
    assert ticket is not None
    page = open_desk(agent, desk.ticket_path(ticket))
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#composer-public")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    assert axe.violations(page) == []
