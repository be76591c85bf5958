"""Channels through the demo's simulator: a customer writes, sends a picture and corrects; an agent answers, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import TeamFactory
from tests.support.pictures import png
from tests.support.system import wait_for
from tickets.models import Message, SocialAccount, SocialChat, SocialTemplate, Ticket

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


@pytest.fixture(params=["messenger", "whatsapp"])
def metas(request: pytest.FixtureRequest) -> SocialAccount:
    """The same for one of Meta's channels."""
    SocialAccount.objects.update(is_active=False)
    return SocialAccount.objects.create(
        kind=request.param, name=desk.unique("Support page"), team=TeamFactory.create(),
        token=desk.unique("token").replace(" ", "-"), app_secret="signs", webhook_secret="asked", external_id="100200300",
    )  # fmt: skip


def test_meta__both_ways_through_the_simulator(hire: Hire, open_desk: OpenDesk, metas: SocialAccount) -> None:
    agent = hire()
    customer = open_desk(agent, f"/demo/channels/?channel={metas.kind}", is_live=False)
    customer.get_by_label(f"Write to {metas.name}").fill("Where is my deposit?")
    customer.get_by_label("Picture").set_input_files(
        {"name": "shot.png", "mimeType": "image/png", "buffer": png(40, 30)}
    )
    customer.get_by_role("button", name="Send").press("Enter")
    expect(customer.get_by_text("Where is my deposit?")).to_be_visible()
    assert axe.violations(customer) == []
    wait_for(lambda: ticket_of(metas) is not None, "the case is open")
    ticket = ticket_of(metas)
    assert ticket is not None
    assert ticket.messages.get(kind="reply").attachments.count() == 1

    customer.get_by_text("Correct", exact=True).click()
    customer.get_by_label("New text").fill("Where are my two deposits?")
    customer.get_by_role("button", name="Save").press("Enter")
    wait_for(lambda: ticket.messages.filter(event="message_corrected").exists(), "the correction is on the timeline")

    page = open_desk(agent, desk.ticket_path(ticket))
    expect(page.locator("[data-answering=open]")).to_contain_text("You may answer until")
    assert axe.violations(page) == []
    page.locator("#composer-text").fill("They are on their way.")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = Message.objects.filter(ticket=ticket, direction="out", social_post__sent_at__isnull=False)
    wait_for(sent.exists, "the answer is sent", 40.0)
    customer.get_by_role("link", name="Refresh").click()
    expect(customer.locator("[data-said=ours]")).to_contain_text("They are on their way.")
    customer.get_by_role("button", name="Read what was sent").click()
    expect(page.locator("[data-delivery=read]")).to_be_visible()
    assert axe.violations(page) == []


def test_meta__after_the_day__refused_and_an_approved_text_goes(
    hire: Hire, open_desk: OpenDesk, metas: SocialAccount
) -> None:
    agent = hire()
    SocialTemplate.objects.create(account=metas, name="late_answer", body="Hello {{1}}, please write again.")
    customer = open_desk(agent, f"/demo/channels/?channel={metas.kind}", is_live=False)
    customer.get_by_label(f"Write to {metas.name}").fill("Where is my deposit?")
    customer.get_by_role("button", name="Send").press("Enter")
    wait_for(lambda: ticket_of(metas) is not None, "the case is open")
    ticket = ticket_of(metas)
    assert ticket is not None
    page = open_desk(agent, desk.ticket_path(ticket))
    SocialChat.objects.filter(account=metas).update(heard_at=datetime.now(UTC) - timedelta(days=2))
    page.locator("#composer-text").fill("Too late.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-answering=over]")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("24 hours")
    expect(page.locator("#composer-text")).to_have_value("Too late.")
    page.get_by_text("late_answer").click()
    page.get_by_label("Place 1").fill("Mina")
    assert axe.violations(page) == []
    page.get_by_role("button", name="Send this text").press("Enter")
    expect(page.get_by_text("Hello Mina, please write again.").first).to_be_visible()
