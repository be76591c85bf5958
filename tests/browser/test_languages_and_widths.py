"""The same desk in Chinese, in the dark, and on a screen as narrow as a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Team
from tests.browser import desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import mail_ticket
from tickets.models import Mailbox

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 360, "height": 640}
PANES = (".pane-views", ".pane-queue", ".pane-case")


def shown_panes(page: Page) -> list[str]:
    return [pane for pane in PANES if page.locator(pane).first.is_visible()]


def overflow_px(page: Page) -> int:
    """Return how far the page, or a pane of it, reaches out of the screen sideways."""
    return int(
        page.evaluate("""Math.max(...[document.documentElement, ...document.querySelectorAll(".pane-scroll, .split > *")]
      .map((box) => box.scrollWidth - box.clientWidth))""")
    )


def test_language__chosen_in_the_menu__is_kept_for_the_person(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire()
    page = open_desk(person)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator(".user-chip").click()
    page.get_by_role("button", name="简体中文").click()

    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("#queue-title")).to_have_text(CHINESE)
    # Teams are called what people call them.
    teams = set(Team.objects.values_list("name", flat=True))
    for text in page.locator(".pane-views .nav-item .name").all_inner_texts():
        assert text in teams or CHINESE.search(text), text
    expect(open_desk(person).locator("html")).to_have_attribute("lang", "zh-hans")
    page.locator(".user-chip").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#queue-title")).to_have_text("All open")


def test_language__before_signing_in__can_be_chosen(open_desk: OpenDesk, hire: Hire) -> None:
    page = open_desk(None)
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.get_by_role("heading", level=1)).to_have_text(CHINESE)


def test_theme__chosen_in_the_menu__is_shown_at_once_and_kept(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire()
    page = open_desk(person)
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator(".user-chip").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(background) != light

    expect(open_desk(person).locator("html")).to_have_attribute("data-theme", "dark")


def test_phone__list_ticket_and_back__shows_one_pane_at_a_time(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    ticket = mail_ticket(mailbox=mailbox, subject=desk.unique("On the phone"))
    page = open_desk(hire(), viewport=PHONE, has_touch=True, is_mobile=True)
    assert shown_panes(page) == [".pane-queue"]
    desk.row(page, ticket.subject).click()
    expect(page.locator("#case-subject")).to_have_text(ticket.subject)
    assert shown_panes(page) == [".pane-case"]
    page.get_by_role("button", name="Customer and details").click()
    expect(page.locator("#side")).to_be_in_viewport()
    page.keyboard.press("Escape")
    desk.write(page, "Written with thumbs.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(desk.message(page, "Written with thumbs.")).to_be_visible()
    page.get_by_role("button", name="Back to the list").click()
    expect(desk.row(page, ticket.subject)).to_be_visible()
    assert shown_panes(page) == [".pane-queue"]
    page.get_by_role("button", name="All views").click()
    expect(page.locator(".pane-views")).to_be_visible()
    assert shown_panes(page) == [".pane-views"]
    page.get_by_role("link", name="Unassigned").click()
    expect(page.locator("#queue-title")).to_have_text("Unassigned")
    assert shown_panes(page) == [".pane-queue"]


def test_phone__browser_back__returns_to_the_list(hire: Hire, open_desk: OpenDesk, mailbox: Mailbox) -> None:
    ticket = mail_ticket(mailbox=mailbox, subject=desk.unique("Back again"))
    page = open_desk(hire(), viewport=PHONE)
    desk.row(page, ticket.subject).click()
    expect(page.locator("#case-subject")).to_have_text(ticket.subject)

    page.go_back()

    expect(desk.row(page, ticket.subject)).to_be_visible()
    assert shown_panes(page) == [".pane-queue"]


@pytest.mark.parametrize(
    "path", ["/desk/views/open/", "/desk/new/", "/desk/review/", "/account/", "/demo/postbox/", "/api/v1/docs/"]
)
def test_smallest_screen__any_page__does_not_scroll_sideways(hire: Hire, open_desk: OpenDesk, path: str) -> None:
    page = open_desk(hire(role="lead"), path, is_live=False, viewport=SMALLEST)
    assert overflow_px(page) <= 0


def test_smallest_screen__ticket_with_long_words__does_not_scroll_sideways(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    hash_ = "0x" + "9f86d081884c7d659a2feaa0c55ad015" * 4
    ticket = mail_ticket(
        mailbox=mailbox, subject=desk.unique(f"Transaction {hash_}"), text=f"It is {hash_}, look: {hash_}"
    )
    page = open_desk(hire(), desk.ticket_path(ticket), viewport=SMALLEST)
    expect(page.locator("#messages")).to_contain_text(hash_)
    assert overflow_px(page) <= 0
