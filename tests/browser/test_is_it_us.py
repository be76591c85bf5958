"""The page "Is it us?" for anybody: asked and answered, in both languages and themes, on a phone, by the keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from security.models import OfficialChannel
from security.services import official_channels
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.browser.test_languages_and_widths import PHONE, overflow_px
from tests.factories.tickets import mail_ticket
from tickets.models import Mailbox

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def _register(system_db: str) -> None:
    if not OfficialChannel.objects.exists():
        official_channels.add(kind="email", value="support@pharos.test", by=None)
        official_channels.add(kind="telegram", value="@pharos_helpdesk", by=None, state="reported")


def ask(page: Page, value: str) -> None:
    page.locator("#channel-value").fill(value)
    with page.expect_navigation():
        page.locator("#channel-value").press("Enter")
    expect(page.locator("#answer")).to_be_visible()


ASKED = {
    "ours": ("support@pharos.test", "This is one of our official channels."),
    "lookalike": ("support@ph\u0430ros.test", "This looks like one of our channels but is not."),
    "reported": ("https://t.me/pharos_helpdesk", "This is known to pose as us."),
    "another's": ("somebody@elsewhere.example", "This is not ours."),
}


@pytest.mark.parametrize(("value", "said"), ASKED.values(), ids=list(ASKED))
def test_page__asked_by_anybody__answers_and_axe_finds_nothing(open_desk: OpenDesk, value: str, said: str) -> None:
    page = open_desk(None, "/verify/", is_live=False, viewport=PHONE)
    ask(page, value)
    expect(page.locator("#answer")).to_contain_text(said)
    assert page.url.endswith("/verify/")
    assert axe.violations(page) == []
    assert overflow_px(page) <= 0


def test_page__report_opened__axe_finds_nothing(open_desk: OpenDesk) -> None:
    page = open_desk(None, "/verify/", is_live=False, viewport=PHONE)
    page.get_by_text("Somebody poses as us: tell us").click()
    expect(page.locator("#report-value")).to_be_visible()
    assert axe.violations(page) == []


def test_page__did_you_send_this__answers_in_chinese(open_desk: OpenDesk) -> None:
    page = open_desk(None, "/verify/", is_live=False)
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("是我们吗？")
    page.locator("#message-text").fill("Hello")
    page.locator("#message-address").fill("mina@example.com")
    page.get_by_role("button", name="询问").click()
    expect(page.locator("#answer")).to_have_text(CHINESE)
    assert axe.violations(page) == []


def test_side_panel__words_of_the_conversation__are_two(hire: Hire, open_desk: OpenDesk, mailbox: Mailbox) -> None:
    page = open_desk(hire(), desk.ticket_path(mail_ticket(mailbox=mailbox)))
    expect(page.locator("[data-words]")).to_have_text(re.compile(r"^[a-z]+ [a-z]+$"))
