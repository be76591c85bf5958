"""A customer's page and the blocked senders, by keyboard, narrow and dark, in Chinese."""

import pytest
from playwright.sync_api import expect

from tests.browser import desk, looks
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import mail_ticket
from tickets.models import BlockedSender, CustomerNote, Mailbox

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_contact__by_keyboard__is_opened_from_a_ticket_and_noted_and_its_sender_blocked(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    lead = hire("Lin Lead", "lead")
    name = desk.unique("contact").replace(" ", "-")
    first = mail_ticket(address=f"{name}@{name}.example", subject="Fee of last week", mailbox=mailbox)
    mail_ticket(address=f"{name}@{name}.example", subject="Deposit missing", mailbox=mailbox)
    page = open_desk(lead, desk.ticket_path(first))
    page.locator("#side").get_by_role("link", name="Mina Customer").press("Enter")
    expect(page.get_by_role("heading", name="Mina Customer", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Deposit missing")).to_be_visible()
    expect(page.get_by_text("2 open tickets")).to_be_visible()
    page.get_by_label("New note").fill("Writes from two phones.")
    page.get_by_role("button", name="Add note").press("Enter")
    expect(page.get_by_text("Writes from two phones.")).to_be_visible()
    assert name not in page.content()
    looks.right(page, "contact")
    page.get_by_role("button", name="Remove the note by Lin Lead").press("Enter")
    expect(page.get_by_text("Writes from two phones.")).to_have_count(0)
    assert CustomerNote.objects.get(customer=first.requester).removed_by == lead

    page.goto(page.url.split("/desk/")[0] + desk.ticket_path(first))
    page.get_by_label("More actions").press("Enter")
    page.get_by_role("link", name="Block the sender").press("Enter")
    page.get_by_label("Reason").fill("Floods us")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Floods us")).to_be_visible()
    looks.right(page, "blocked")
    assert BlockedSender.objects.standing().get(value=f"{name}@{name}.example").blocked_by == lead


def test_contact__in_chinese_and_dark__is_whole(hire: Hire, open_desk: OpenDesk, mailbox: Mailbox) -> None:
    lead = hire("Mei Lead", "lead", locale="zh-hans")
    case = mail_ticket(address=f"{desk.unique('zh').replace(' ', '-')}@example.com", mailbox=mailbox)
    where = f"/desk/customers/{case.requester.public_id}/"
    page = open_desk(lead, where, color_scheme="dark")
    expect(page.get_by_role("heading", name="备注")).to_be_visible()
    looks.right(page, "contact-zh")
    page.get_by_role("link", name="已屏蔽的发件人").press("Enter")
    expect(page.get_by_role("heading", name="已屏蔽的发件人", level=1)).to_be_visible()
    looks.right(page, "blocked-zh")
