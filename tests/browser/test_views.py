"""Saved views and snooze in a real browser: by keyboard, narrow and dark, in Chinese."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import mail_ticket
from tickets.models import Mailbox, SavedView, Tag, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


@pytest.fixture
def ticket(mailbox: Mailbox) -> Ticket:
    """A case with a label of its own."""
    name = desk.unique("mina").replace(" ", "-")
    made = mail_ticket(address=f"{name}@example.com", subject=desk.unique("Withdrawal pending"), mailbox=mailbox)
    made.tags.add(Tag.objects.create(name=name[:40]))
    return made


def label(ticket: Ticket) -> str:
    return ticket.tags.get().name


def looks_right(page: Page) -> None:
    """Axe looks in both colour schemes."""
    assert axe.violations(page) == []


def test_view__narrowed_by_keyboard__is_saved_counted_and_opened(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket
) -> None:
    page = open_desk(hire(), "/desk/views/open/")
    page.keyboard.press("f")
    field = page.get_by_label("Only those with")
    expect(field).to_be_visible()
    field.fill(f"tag:{label(ticket)}")
    page.get_by_label("Grouping").select_option("priority")
    looks_right(page)
    field.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.get_by_role("heading", name="Normal")).to_be_visible()
    looks_right(page)
    page.get_by_role("link", name="Save as view").click()
    desk.expect_path(page, "/desk/views/new/")
    page.get_by_label("Name").fill("My own label")
    expect(page.locator("#view-count")).to_contain_text("1 case now")
    page.get_by_label("Value").nth(2).fill("urgent")
    page.locator("[data-view-field]").nth(2).select_option("priority")
    expect(page.locator("#view-count")).to_contain_text("0 cases now")
    page.locator("[data-view-field]").nth(2).select_option("sla")
    expect(page.locator("#view-count")).to_contain_text("does not know “urgent”")
    looks_right(page)
    page.get_by_label("Value").nth(2).fill("none")
    page.get_by_role("button", name="Save", exact=True).click()
    link = page.get_by_role("navigation", name="Views").get_by_role("link", name="My own label")
    expect(link).to_have_attribute("aria-current", "page")
    expect(link.locator("[data-count]")).to_have_text("1")
    expect(desk.row(page, ticket.subject)).to_be_visible()
    looks_right(page)


def test_view__broken_on_a_narrow_page_in_chinese__says_how_to_mend_it(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire(locale="zh-hans")
    view = SavedView.objects.create(name="失效", owner=person, query="tag:long-gone", columns=["number"])
    page = open_desk(person, f"/desk/views/v-{view.public_id}/", is_live=False)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("alert")).to_contain_text("此视图已失效")
    looks_right(page)
    page.get_by_role("link", name="修正其条件").click()
    expect(page.get_by_role("heading", name="失效")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    looks_right(page)


def test_snooze__by_key__leaves_the_queue_and_is_woken(hire: Hire, open_desk: OpenDesk, ticket: Ticket) -> None:
    page = open_desk(hire(), desk.ticket_path(ticket))
    page.locator("#case-subject").focus()
    page.keyboard.press("s")
    reason = page.get_by_label("Why, for colleagues")
    expect(reason).to_be_visible()
    looks_right(page)
    reason.fill("Waits for the bank")
    page.get_by_role("button", name="Tomorrow, 09:00").click()
    expect(page.locator(".case-notices")).to_contain_text("Waits for the bank")
    looks_right(page)
    expect(page.locator('.pane-views [data-count="snoozed"]')).to_have_text("1")
    page.get_by_role("button", name="Wake now").click()
    expect(page.locator(".case-notices")).to_have_count(0)
    expect(page.locator('.pane-views [data-count="snoozed"]')).to_have_text("0")
