"""Links, merging and splitting in a real browser: by keyboard, on a narrow page, in Chinese."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import answer, mail_ticket
from tickets.models import Mailbox, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_joined__by_keyboard__links_merges_reads_in_place_and_undoes(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    address = desk.unique("mina").replace(" ", "-") + "@example.com"
    first, second = (
        mail_ticket(address=address, subject=desk.unique(words), text=f"{words}, please.", mailbox=mailbox)
        for words in ("Where is my withdrawal", "Also my deposit")
    )
    page = open_desk(hire(), desk.ticket_path(second))
    page.locator("#links summary").wait_for()
    page.locator("#case-subject").focus()
    page.keyboard.press("b")
    page.get_by_label("Number of the ticket, or words in it").fill(f"#{first.number}")
    expect(page.locator("#links-found")).to_contain_text(first.subject)
    assert axe.violations(page) == []
    page.get_by_label("Number of the ticket, or words in it").press("Enter")
    expect(page.locator("#links .side-link")).to_contain_text(first.subject)
    page.locator("#case-subject").focus()
    page.keyboard.press("m")
    desk.expect_path(page, f"/desk/tickets/{second.public_id}/merge/")
    page.get_by_role("link", name=first.subject).press("Enter")
    expect(page.get_by_text("is closed and its deadlines stop")).to_be_visible()
    assert axe.violations(page) == []
    page.get_by_role("button", name="Merge", exact=True).press("Enter")
    desk.expect_path(page, f"/desk/tickets/{first.public_id}/")
    page.locator("details.joined summary").press("Enter")
    expect(page.locator("details.joined")).to_contain_text("Also my deposit, please.")
    assert axe.violations(page) == []
    page.goto(page.url.replace(first.public_id, second.public_id))
    page.get_by_role("button", name="Undo the merge").press("Enter")
    expect(desk.shown(page, "Status")).to_contain_text("New")
    second.refresh_from_db()
    assert (second.status, second.merged_into) == ("new", None)


def test_split__from_one_message_on_a_narrow_page_in_chinese__quotes_it_in_a_new_ticket(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    address = desk.unique("mina").replace(" ", "-") + "@example.com"
    ticket = mail_ticket(address=address, subject=desk.unique("Withdrawal"), mailbox=mailbox)
    answer(ticket, "By the way, my tax form is wrong.")
    page = open_desk(hire(), desk.ticket_path(ticket))
    page.locator(".user-chip").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.set_viewport_size({"width": 390, "height": 844})
    desk.message(page, "my tax form").get_by_role("link", name="从此处拆分").click()
    desk.expect_path(page, f"/desk/tickets/{ticket.public_id}/split/")
    assert axe.violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    subject = desk.unique("Tax form")
    page.get_by_label("新工单的主题").fill(subject)
    page.get_by_role("button", name="拆分为新工单").click()
    expect(page.locator("#case-subject")).to_have_text(subject)
    page.locator("details.joined summary").click()
    expect(page.locator("details.joined")).to_contain_text("my tax form is wrong")
    assert axe.violations(page) == []
    new = Ticket.objects.get(subject=subject)
    assert (new.requester, new.last_public_seq, new.last_direction) == (ticket.requester, 0, "in")
