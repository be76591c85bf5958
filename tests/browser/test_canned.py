"""Canned replies in a real browser: by keyboard alone, in a mail ticket and in Chinese, and the page that keeps them."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import mail_ticket
from tests.support.system import wait_for
from tickets.models import CannedReply, Mailbox, Message, Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


@pytest.fixture
def ticket(mailbox: Mailbox) -> Ticket:
    """A new case of a proven customer."""
    address = desk.unique("mina").replace(" ", "-") + "@example.com"
    return mail_ticket(address=address, subject=desk.unique("Withdrawal pending"), mailbox=mailbox)


def picker(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Canned replies")


def test_canned__by_keyboard__is_previewed_inserted_counted_and_sent(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket
) -> None:
    lead = hire(role="lead")
    word = desk.unique("late").replace(" ", "-")
    page = open_desk(lead, "/desk/canned/new/")
    page.get_by_label("Shortcut", exact=True).fill(word)
    page.get_by_label("Title", exact=True).fill("We are late")
    page.get_by_label("For whom").select_option(label="Everybody")
    page.get_by_label("Text", exact=True).fill("Sorry, ticket {number} takes longer. {agent}")
    page.get_by_label("Text in Chinese").fill("抱歉，工单 {number} 需要更长时间。")
    assert axe.violations(page) == []
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("link", name=word)).to_be_visible()
    assert axe.violations(page) == []

    agent = hire()
    page = open_desk(agent, desk.ticket_path(ticket))
    field = page.locator("#composer-text")
    field.click()
    field.press_sequentially(f"Hello.\n/{word[:7]}")
    options = picker(page).get_by_role("option")
    expect(options.filter(has_text=word)).to_be_visible()
    assert axe.violations(page) == []
    field.press("Escape")
    expect(picker(page)).to_be_hidden()
    expect(field).to_be_focused()
    field.press_sequentially(word[7:])
    expect(picker(page)).to_be_hidden()
    for _sign in range(len(word) + 1):
        field.press("Backspace")
    field.press_sequentially(f"/{word}")
    chosen = picker(page).locator("[aria-selected=true]")
    expect(chosen).to_contain_text("We are late")
    said = f"Sorry, ticket {ticket.number} takes longer."
    expect(page.locator("[data-canned-preview]")).to_contain_text(said)
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    field.press("ArrowDown")
    field.press("Enter")
    expect(picker(page)).to_be_hidden()
    expect(field).to_have_value(f"Hello.\n{said} {agent.name.split()[0]}")
    wait_for(lambda: CannedReply.objects.get(shortcut=word).used == 1, "its use to be counted")
    desk.send(page)
    expect(desk.message(page, said)).to_be_visible()
    assert Message.objects.filter(ticket=ticket, direction="out", text__startswith=f"Hello.\n{said}").exists()


def test_canned__ticket_in_chinese__by_mouse_on_a_narrow_page(hire: Hire, open_desk: OpenDesk, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(language="zh")
    person = hire()
    word = desk.unique("own").replace(" ", "-")
    CannedReply.objects.create(shortcut=word, title="Mine", text="English", text_zh_hans="您好，", owner=person)
    page = open_desk(person, desk.ticket_path(ticket))
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Canned", exact=True).click()
    option = picker(page).get_by_role("option").filter(has_text=word)
    expect(option).to_contain_text("only for you")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    option.click()
    expect(page.locator("#composer-text")).to_have_value("您好，")
    expect(page.locator("#composer-text")).to_be_focused()
