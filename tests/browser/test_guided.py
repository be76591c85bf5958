"""The public web form: filled in on a phone with a wrong network, mended, sent; what the desk sees; and without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import FilePayload, expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_languages_and_widths import PHONE, overflow_px
from tests.factories.guided import deposit_form
from tests.support.system import RunningSystem
from tickets.models import Attachment, GuidedForm, OutboundMail, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


@pytest.fixture
def form(system_db: str) -> GuidedForm:
    return GuidedForm.objects.first() or deposit_form()


def test_form__wrong_network_on_a_phone__is_told_mended_and_seen_by_the_desk(
    form: GuidedForm, open_desk: OpenDesk, hire: Hire
) -> None:
    address = f"{desk.unique('mina').replace(' ', '-').lower()}@example.com"
    page = open_desk(None, reverse("contact"), is_live=False, viewport=PHONE, color_scheme="dark")
    assert axe.violations(page) == []
    page.get_by_role("link", name=form.name).press("Enter")
    assert axe.violations(page) == []
    assert overflow_px(page) <= 0
    # The reader's zone is chosen beforehand, and the work is done while they write.
    expect(page.get_by_role("combobox", name="When was it sent?: time zone")).not_to_have_value("")
    expect(page.locator("[name=work]")).not_to_have_value("")
    page.get_by_label("Your email address").fill(address)
    page.get_by_label("Asset and network", exact=True).fill("usdt")
    network = page.get_by_role("combobox", name="Asset and network: network")
    network.select_option("Ethereum")
    page.get_by_label("Amount").fill("25.50")
    page.get_by_label("Address it was sent to").fill(TRON)
    # Sent in pieces while the form is written, and still there when it comes back.
    page.locator("#guided-files").set_input_files(
        FilePayload(name="seen.txt", mimeType="text/plain", buffer=b"x" * 600_000)
    )
    expect(page.locator("[data-files] [data-state]")).to_have_text("Here")
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.locator(".field-error:not([hidden])")).to_have_text(
        "This is an address of Tron; you chose Ethereum. Find out which network is meant."
    )
    expect(page.get_by_label("Address it was sent to")).to_have_value(TRON)
    expect(page.locator("[data-files] li")).to_contain_text("seen.txt")
    assert axe.violations(page) == []
    network.select_option("Tron")
    expect(page.locator("[name=work]")).not_to_have_value("")
    page.get_by_role("button", name="Send").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your message is with us")
    ticket = Ticket.objects.get(requester_address=address)
    expect(page.locator("header p")).to_have_text(f"It is request #{ticket.number}.")
    assert axe.violations(page) == []
    assert OutboundMail.objects.filter(message__ticket=ticket, is_automatic=True).exists()
    assert Attachment.objects.get(message__ticket=ticket).stored.size == 600_000

    agent = open_desk(hire(), desk.ticket_path(ticket), permissions=["clipboard-read", "clipboard-write"])
    panel = agent.get_by_role("region", name="What the form says")
    expect(panel).to_contain_text("25.5")
    panel.get_by_role("button", name="Copy: Address it was sent to").press("Enter")
    expect(agent.locator("[data-live=polite]")).to_have_text("Copied")
    assert agent.evaluate("navigator.clipboard.readText()") == TRON
    assert axe.violations(agent) == []
    # The other way: an answer goes to the address, without anything that was written from there.
    desk.write(agent, "We have found your transfer.")
    desk.send(agent)
    answered = OutboundMail.objects.filter(message__ticket=ticket, is_automatic=False, includes_history=False)
    desk.wait_on(agent, answered.exists, "an answer on its way")


def test_form__without_script_in_chinese__is_sent_as_well(
    form: GuidedForm, running_system: RunningSystem, open_context: OpenContext
) -> None:
    page = open_context(java_script_enabled=False, locale="zh-CN").new_page()
    page.goto(f"{running_system.url}{reverse('contact_form', args=[form.topic.slug])}")
    address = f"{desk.unique('lin').replace(' ', '-').lower()}@example.com"
    page.get_by_label("您的电子邮箱地址").fill(address)
    page.get_by_label("资产和网络", exact=True).fill("BTC")
    page.get_by_role("combobox", name="资产和网络：网络").select_option("Bitcoin")
    page.get_by_role("button", name="发送").click()
    ticket = Ticket.objects.get(requester_address=address)
    expect(page.get_by_role("heading", level=1)).to_have_text("我们已收到您的信息")
    assert ticket.subject == "Bitcoin 网络 BTC 充值，仍未到账"
    assert not OutboundMail.objects.filter(message__ticket=ticket).exists()
