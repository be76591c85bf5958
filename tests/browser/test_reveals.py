"""One field of a customer in full: under the agent's name, off the screen after a minute; and the pages against insiders."""

import os

import pytest
from playwright.sync_api import Page, expect

from core.models import AuditEntry
from tests.browser import axe
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import mail_ticket
from tickets.services import properties

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
ADDRESS = "rosa.revealed@example.com"


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("REVEAL_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.attack("H1")
def test_reveal__by_keyboard__stands_under_the_agents_name_for_a_minute(hire: Hire, open_desk: OpenDesk) -> None:
    ada = hire()
    case = properties.assign(ticket=mail_ticket(address=ADDRESS), to=ada, by=ada)
    page = open_desk(ada, f"/desk/tickets/{case.public_id}/", viewport={"width": 1440, "height": 900})
    page.clock.install()
    form = page.locator("#reveal")
    form.locator("summary").focus()
    page.keyboard.press("Enter")
    form.get_by_label("In your words").fill("Asked for a call back.")
    picture(page, "form")
    page.keyboard.press("Enter")
    shown = page.locator("[data-revealed]")
    expect(shown.locator(".revealed-value")).to_have_text(ADDRESS)
    expect(shown.locator(".revealed-mark")).to_contain_text("Ada Agent")
    assert axe.violations(page) == []
    picture(page, "revealed")
    shown.locator(".revealed-value").evaluate("(one) => getSelection().selectAllChildren(one)")
    with page.expect_response("**/reveal/copied/"):
        page.keyboard.press("Control+c")
    assert AuditEntry.objects.filter(action="customer.reveal_copied", actor_id=ada.public_id).exists()

    page.clock.fast_forward(61_000)

    expect(form.locator("summary")).to_be_visible()
    assert ADDRESS not in page.content()


def test_pages__against_insiders__have_nothing_that_axe_finds(hire: Hire, open_desk: OpenDesk) -> None:
    case = mail_ticket(address=ADDRESS)
    for role, path in (
        ("lead", "/desk/shut-out/"),
        ("compliance", "/desk/watched/"),
        ("auditor", f"/desk/who-saw/?customer={case.requester.public_id}&since=2026-01-01&until=2036-01-01"),
    ):
        wide: dict[str, object] = {"viewport": {"width": 1440, "height": 900}}
        narrow: dict[str, object] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
        for more in (wide, narrow):
            person = hire(f"{role.title()} Looking", role, locale="zh-hans" if more is narrow else "en")
            page = open_desk(person, path, **more)
            assert axe.violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            picture(page, f"{role}-{390 if more is narrow else 1440}")
