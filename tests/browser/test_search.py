"""The search in a real browser: in the dark, on a narrow page, in Chinese."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import Hire, OpenDesk

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def looks_right(page: Page) -> None:
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert axe.violations(page) == []


def test_search__in_chinese_on_a_narrow_page__says_what_is_wrong_and_how_to_ask(
    hire: Hire, open_desk: OpenDesk
) -> None:
    page = open_desk(hire(locale="zh-hans"), "/desk/search/?q=colour:red", is_live=False)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("alert")).to_contain_text("没有“colour:”这个运算符")
    expect(page.get_by_role("heading", name="搜索方式")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    looks_right(page)
