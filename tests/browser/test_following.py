"""Following, mentions and notifications between two colleagues, by keyboard, narrow and dark, in Chinese."""

import pytest
from playwright.sync_api import expect

from tests.browser import desk, looks
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import answer, mail_ticket
from tickets.models import Mailbox, NoticeSettings, TicketFollower

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_colleagues__mention_follow_and_stop_by_keyboard(hire: Hire, open_desk: OpenDesk, mailbox: Mailbox) -> None:
    writer, reader = hire("Wen Writer"), hire("Rae Reader", "lead")
    case = mail_ticket(subject=desk.unique("follow"), mailbox=mailbox)
    other = open_desk(reader)
    count = other.locator('[data-count="notices"]')
    expect(count).to_have_text("0")
    page = open_desk(writer, desk.ticket_path(case))
    page.keyboard.press("n")
    desk.write(page, "@Rae Reader, please look at the network.")
    desk.send(page)
    expect(count).to_have_text("1")

    other.keyboard.press("g")
    other.keyboard.press("n")
    expect(other.get_by_role("heading", name="Notifications", level=1)).to_be_visible()
    expect(other.get_by_text("Wen Writer mentions you in a note")).to_be_visible()
    looks.right(other, "notices")
    desk.enter(other, other.get_by_role("link", name=case.subject))
    expect(count).to_have_text("0")
    other.keyboard.press("v")
    side = other.locator("#followers")
    expect(side.get_by_text("Rae Reader")).to_be_visible()
    expect(side.get_by_role("button", name="Stop following")).to_be_visible()
    looks.right(other, "followed")
    # Who has it on screen sees what comes; who is elsewhere is told.
    answer(case, "Is anybody there?")
    expect(desk.message(other, "Is anybody there?")).to_be_visible()
    expect(count).to_have_text("0")
    other.keyboard.press("g")
    other.keyboard.press("n")
    expect(other.get_by_role("heading", name="Notifications", level=1)).to_be_visible()
    answer(case, "Hello?")
    expect(count).to_have_text("1")
    desk.enter(other, other.get_by_role("link", name=case.subject).first)
    other.keyboard.press("v")
    expect(side.get_by_role("button", name="Follow", exact=True)).to_be_visible()
    assert not TicketFollower.objects.filter(ticket=case).exists()


def test_settings__in_chinese_and_dark__are_kept(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire("Mei Agent", locale="zh-hans")
    page = open_desk(person, "/desk/notices/settings/", color_scheme="dark")
    expect(page.get_by_role("heading", name="通知方式", level=1)).to_be_visible()
    page.get_by_label("工单分配给我: 通过邮件").check()
    page.get_by_label("邮件发送").select_option("daily")
    looks.right(page, "settings-zh")
    page.get_by_role("button", name="保存").press("Enter")
    expect(page.get_by_text("已保存。")).to_be_visible()
    row = NoticeSettings.objects.get(staff=person)
    assert (row.mailed, row.digest) == (["assigned"], "daily")
