"""The state of the system: the line above the desk, the page behind it, and taking care of an alarm."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from core import heartbeat
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import StaffFactory
from tickets.models import Alarm
from tickets.selectors import troubles
from tickets.services import alarms

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
FULL = f"{heartbeat.FULL}database"


@pytest.fixture(autouse=True)
def _nothing_else(system_db: str) -> None:
    """What other tests have left open is taken care of: a customer's "not me" is an alarm for a day."""
    for alarm in Alarm.objects.open():
        alarms.acknowledge(alarm=alarm, by=StaffFactory.create(role="admin"))


@pytest.fixture
def _full_disk(system_db: str) -> Iterator[None]:
    heartbeat.beat(FULL, is_ok=False)
    alarms.look(judged=troubles.BY_THE_ROUNDS)
    yield
    heartbeat.forget(FULL)
    alarms.look(judged=troubles.BY_THE_ROUNDS)


@pytest.mark.usefixtures("_full_disk")
def test_alarm__by_keyboard__is_found_read_and_taken_care_of(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Lin Lead", "lead"), "/desk/views/open/")
    banner = page.locator(".banner-alarm")
    expect(banner).to_be_visible()
    assert axe.violations(page) == []
    banner.get_by_role("link").focus()
    page.keyboard.press("Enter")
    desk.expect_path(page, "/desk/system/")
    alarm = page.get_by_role("article").filter(has_text="docs/operations.md#disk-full")
    expect(alarm).to_contain_text("A disk is full")
    assert axe.violations(page) == []

    alarm.get_by_role("button").focus()
    page.keyboard.press("Enter")

    expect(alarm).to_contain_text("Lin Lead takes care of it")
    page.goto(page.url.replace("/desk/system/", "/desk/views/open/"))
    expect(page.locator(".banner-alarm")).to_be_hidden()


def test_alarm__opens_while_a_page_is_open__shows_itself(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Lin Lead", "lead"), "/desk/views/open/")
    expect(page.locator(".banner-alarm")).to_be_hidden()
    heartbeat.beat(FULL, is_ok=False)
    try:
        alarms.look(judged=troubles.BY_THE_ROUNDS)
        expect(page.locator(".banner-alarm")).to_be_visible()
    finally:
        heartbeat.forget(FULL)
        alarms.look(judged=troubles.BY_THE_ROUNDS)
    expect(page.locator(".banner-alarm")).to_be_hidden()
