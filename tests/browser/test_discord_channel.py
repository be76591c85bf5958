"""Discord through the demo's simulator: a direct message, a forum post and a signed command, answered from the desk."""

from functools import partial

import pytest
from nacl.signing import SigningKey
from playwright.sync_api import expect

from helpdesk.demo.discord_channel import FORUM
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import TeamFactory
from tests.support.system import wait_for
from tickets.models import Message, SocialAccount, SocialRoute, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("system_db")]


@pytest.fixture
def account() -> SocialAccount:
    """The account that the simulator plays with: the oldest active one, so others rest."""
    SocialAccount.objects.update(is_active=False)
    key, token = SigningKey.generate(), desk.unique("token").replace(" ", "-")
    found = SocialAccount.objects.create(
        kind="discord", name=desk.unique("Support"), external_id="7000001", app_key=key.verify_key.encode().hex(),
        app_secret=key.encode().hex(), token=token,
    )  # fmt: skip
    SocialRoute.objects.create(account=found, channel_id=FORUM, team=TeamFactory.create(), is_watched_forum=True)
    return found


def ticket_of(account: SocialAccount, *, is_public: bool) -> Ticket:
    found = Ticket.objects.filter(social_thread__chat__account=account, social_thread__chat__is_public=is_public)
    wait_for(found.exists, "the case is open")
    return found.get()


def sent(ticket: Ticket) -> bool:
    return Message.objects.filter(ticket=ticket, direction="out", social_post__state="sent").exists()


def test_discord__both_ways_in_private_in_the_forum_and_by_command(
    hire: Hire, open_desk: OpenDesk, account: SocialAccount
) -> None:
    agent = hire()
    customer = open_desk(agent, "/demo/channels/discord/", is_live=False)
    customer.get_by_label(f"Write to {account.name}").fill("Where is my deposit?")
    customer.get_by_role("button", name="Send a direct message").press("Enter")
    expect(customer.get_by_text("Where is my deposit?")).to_be_visible()
    customer.get_by_label(f"Write to {account.name}").fill("It has been a day.")
    customer.get_by_label("Title of a forum post").fill("Deposit missing")
    customer.get_by_role("button", name="Post in the forum").press("Enter")
    expect(customer.get_by_role("heading", name="Deposit missing")).to_be_visible()
    customer.get_by_role("button", name="/verify").press("Enter")
    expect(customer.locator("[data-said=ours][data-way=alone]")).to_contain_text("/portal/")
    customer.set_viewport_size({"width": 390, "height": 844})
    assert customer.evaluate("document.documentElement.scrollWidth <= 390")
    assert axe.violations(customer) == []

    private, public = ticket_of(account, is_public=False), ticket_of(account, is_public=True)
    assert public.subject == "Deposit missing"
    for ticket, words in ((private, "It is on its way."), (public, "We look into it.")):
        page = open_desk(agent, desk.ticket_path(ticket))
        expect(page.locator("#composer-public")).to_have_count(1 if ticket == public else 0)
        page.locator("#composer-text").fill(words)
        page.get_by_role("button", name="Send", exact=True).click()
    for ticket in (private, public):
        wait_for(partial(sent, ticket), "the answer is sent", 40.0)

    customer.get_by_role("link", name="Refresh").click()
    expect(customer.locator("[data-said=ours][data-way=direct]")).to_contain_text("It is on its way.")
    expect(customer.locator("[data-said=ours][data-way=post]")).to_contain_text("We look into it.")
