"""The search in a real browser: by keyboard alone, in the dark, on a narrow page, in Chinese."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import mail_ticket
from tickets.models import Mailbox

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def looks_right(page: Page) -> None:
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert axe.violations(page) == []


def test_search__by_keyboard__offers_finds_marks_opens_and_remembers(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    word = desk.unique("marmalade").replace(" ", "")
    subject = desk.unique("Jam")
    mail_ticket(address=f"{word}@example.com", subject=subject, text=f"My {word} 充值没到账", mailbox=mailbox)
    page = open_desk(hire())
    page.keyboard.press("/")
    field = page.locator("#search-box")
    expect(field).to_be_focused()
    field.press_sequentially(f"{word} 没到账 sta")
    option = page.get_by_role("option", name="status:")
    expect(option).to_be_visible()
    looks_right(page)
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value(f"{word} 没到账 status:")
    field.press_sequentially("new")
    expect(page.get_by_role("option", name="status:new")).to_be_visible()
    field.press("Escape")
    field.press("Enter")
    desk.expect_path(page, "/desk/search/")
    row = desk.row(page, subject)
    expect(row.locator("mark").filter(has_text="没到账")).to_be_visible()
    looks_right(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(desk.message(page, word)).to_be_visible()
    page.goto(page.url.partition("/desk/")[0] + "/desk/search/")
    page.keyboard.press("/")
    expect(page.locator("#search-here")).to_be_focused()
    expect(page.get_by_role("option").filter(has_text=f"{word} 没到账 status:new")).to_be_visible()


def test_search__in_chinese_on_a_narrow_page__says_what_is_wrong_and_how_to_ask(
    hire: Hire, open_desk: OpenDesk
) -> None:
    page = open_desk(hire(locale="zh-hans"), "/desk/search/?q=colour:red", is_live=False)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("alert")).to_contain_text("没有“colour:”这个运算符")
    expect(page.get_by_role("heading", name="搜索方式")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    looks_right(page)
