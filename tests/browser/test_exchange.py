"""The sandbox exchange's pages in a real browser: no complaint of axe, narrow screens, the keyboard, its policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sandbox import people, sign_in
from tests.browser import axe
from tests.browser.conftest import OpenContext
from tests.support.exchange import RunningExchange, exchange

WIDTHS = (390, 1440)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    """An exchange for these pages."""
    with exchange(tmp_path_factory.mktemp("exchange")) as one:
        yield one


def is_narrow_enough(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", WIDTHS)
def test_pages__from_sign_in_to_sign_out__by_keyboard(
    running: RunningExchange, open_context: OpenContext, width: int
) -> None:
    page = open_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"http://localhost:{running.port}/")
    assert axe.violations(page) == []
    assert is_narrow_enough(page)

    page.get_by_label("Email").focus()
    for word in (people.PEOPLE[0].email, people.PASSWORD, sign_in.DEMO_CODE):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=people.PEOPLE[0].name)).to_be_visible()
    assert axe.violations(page) == []
    assert is_narrow_enough(page)
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_sign_in__with_a_wrong_code__says_so(running: RunningExchange, open_context: OpenContext) -> None:
    page = open_context().new_page()
    page.goto(f"http://localhost:{running.port}/sign-in")
    page.get_by_label("Email").fill(people.PEOPLE[1].email)
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("is not right")
    assert axe.violations(page) == []
