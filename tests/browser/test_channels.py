"""Telegram through the demo's simulator: a customer writes, sends a picture and corrects; an agent answers, in both languages."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import TeamFactory
from tests.support.pictures import png
from tests.support.system import wait_for
from tickets.models import Message, SocialAccount, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("system_db")]


@pytest.fixture
def account() -> SocialAccount:
    """The account that the simulator plays with: the oldest active one, so others rest."""
    SocialAccount.objects.update(is_active=False)
    return SocialAccount.objects.create(kind="telegram",
        name=desk.unique("Support bot"), team=TeamFactory.create(), token=f"1:{desk.unique('token').replace(' ', '-')}",
        webhook_secret="a-secret",
    )  # fmt: skip


def ticket_of(account: SocialAccount) -> Ticket | None:
    return Ticket.objects.filter(social_thread__chat__account=account).first()


def test_telegram__both_ways_through_the_simulator(hire: Hire, open_desk: OpenDesk, account: SocialAccount) -> None:
    agent = hire()
    customer = open_desk(agent, "/demo/channels/", is_live=False)
    assert axe.violations(customer) == []
    field = customer.get_by_label(f"Write to {account.name}")
    field.fill("Where is my deposit?")
    customer.get_by_label("Picture").set_input_files(
        {"name": "shot.png", "mimeType": "image/png", "buffer": png(40, 30)}
    )
    customer.get_by_role("button", name="Send").press("Enter")
    expect(customer.get_by_text("Where is my deposit?")).to_be_visible()
    wait_for(lambda: ticket_of(account) is not None, "the case is open")
    ticket = ticket_of(account)
    assert ticket is not None
    assert ticket.messages.get(kind="reply").attachments.count() == 1

    customer.get_by_text("Correct", exact=True).click()
    customer.get_by_label("New text").fill("Where are my two deposits?")
    customer.get_by_role("button", name="Save").press("Enter")
    expect(customer.get_by_text("Where are my two deposits?")).to_be_visible()
    assert axe.violations(customer) == []
    wait_for(lambda: ticket.messages.filter(event="message_corrected").exists(), "the correction is on the timeline")

    page = open_desk(agent, desk.ticket_path(ticket))
    expect(page.locator("[data-to-social]")).to_have_text(f"Telegram · {account.name}")
    expect(page.get_by_text("Where are my two deposits?").first).to_be_visible()
    assert axe.violations(page) == []
    page.locator("#composer-text").fill("They are on their way.")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = Message.objects.filter(ticket=ticket, direction="out", social_post__state="sent")
    wait_for(sent.exists, "the answer is sent", 40.0)
    customer.get_by_role("link", name="Refresh").click()
    expect(customer.locator("[data-said=ours]")).to_contain_text("They are on their way.")


def test_simulator__narrow_and_in_chinese__fits(hire: Hire, open_desk: OpenDesk, account: SocialAccount) -> None:
    page = open_desk(hire(locale="zh-hans"), "/demo/channels/", is_live=False)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    assert axe.violations(page) == []
