"""Deadlines on the desk in a real browser: they count down with the database, in both languages, themes, and on a phone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from accounts.models import Staff
from core import clock
from core.ids import new_public_id
from tests.browser import axe, desk, looks
from tests.browser.conftest import Hire, OpenDesk
from tests.browser.test_languages_and_widths import PHONE, overflow_px
from tests.factories.sla import draft, policy
from tests.factories.tickets import answer, mail_ticket
from tickets.models import Mailbox, SlaCalendar, Ticket
from tickets.services.senders import Sender

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]

COUNTED = re.compile(r"^−?(\d+d )?(\d+:)?\d{1,2}:\d\d$")
# Between the look at the page and the one at the database.
BETWEEN_S = 2


def promised(by: Staff, mailbox: Mailbox, **minutes: int) -> Ticket:
    """Return a ticket under a policy of its own: what others of this system are promised stays as it is."""
    language = new_public_id()[:16]
    always = SlaCalendar.objects.create(name=new_public_id(), is_always=True)
    targets = {metric: {"normal": target} for metric, target in minutes.items()}
    policy(new_public_id(), by=by, calendar=always, languages=[language], targets=targets, position=1)
    address = desk.unique("due").replace(" ", "-") + "@example.com"
    ticket = mail_ticket(address=address, subject=desk.unique("Due"), mailbox=mailbox, language=language)
    ticket.refresh_from_db()
    return ticket


def seconds_shown(countdown: Locator) -> int:
    text = countdown.inner_text()
    assert COUNTED.match(text), text
    days, _d, rest = text.strip("−").rpartition("d ")
    size: int = sum(int(part) * 60**place for place, part in enumerate(reversed(rest.split(":")))) + 86400 * int(
        days or 0
    )
    return -size if text.startswith("−") else size


def test_countdown__row_head_and_panel__agree_with_the_database(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    admin, agent = hire(role="admin"), hire()
    ticket = promised(admin, mailbox, first_response=30, resolution=3 * 24 * 60)
    assert ticket.due_at is not None
    page = open_desk(agent, "/desk/views/due/")
    row = page.locator(f"#row-{ticket.public_id} time[data-due]")
    expect(row).to_have_text(COUNTED)
    left = (ticket.due_at - clock.now()) / timedelta(seconds=1)
    assert abs(seconds_shown(row) - left) <= BETWEEN_S
    before = row.inner_text()
    expect(row).not_to_have_text(before)
    assert axe.violations(page) == []

    page.locator(f"#row-{ticket.public_id} [data-row-link]").click()
    expect(page.locator("#case-header time[data-due]")).to_have_text(COUNTED)
    panel = page.locator("#clocks")
    expect(panel.get_by_role("listitem")).to_have_text([re.compile("First response"), re.compile("Resolution")])
    left = (ticket.due_at - clock.now()) / timedelta(seconds=1)
    assert abs(seconds_shown(panel.locator("time[data-due]").first) - left) <= BETWEEN_S
    assert axe.violations(page) == []


def test_countdown__missed__is_told_in_chinese_and_fits_a_phone(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    agent = hire(locale="zh-hans")
    ticket = promised(hire(role="admin"), mailbox, first_response=30, resolution=3 * 24 * 60)
    answer(ticket, "We look.", sender=Sender.of_staff(agent))
    Ticket.objects.filter(pk=ticket.pk).update(due_at=clock.now() - timedelta(minutes=5), due_metric="first_response")
    page = open_desk(agent, "/desk/views/due/", is_live=False, viewport=PHONE)
    row = page.locator(f"#row-{ticket.public_id}")
    expect(row.locator(".due")).to_have_class(re.compile("tone-bad"))
    assert seconds_shown(row.locator("time[data-due]")) <= -300
    expect(row.locator(".due .sr-only")).to_have_text("首次响应截止: ")
    assert overflow_px(page) <= 0
    assert axe.violations(page) == []
    row.locator("[data-row-link]").click()
    expect(page.locator("#case-header .due")).to_be_visible()
    assert overflow_px(page) <= 0
    assert axe.violations(page) == []
    panel = page.locator("#clocks")
    expect(panel.locator("time[data-due]")).to_have_text(re.compile(r"^2天 23:\d\d:\d\d$"))
    expect(panel.get_by_role("listitem", include_hidden=True).filter(has_text="首次响应")).to_contain_text(
        re.compile("用时 .+ / 30 分钟")
    )


def test_version_of_a_policy__by_keyboard__is_put_into_force_from_a_moment_and_taken_back(
    hire: Hire, open_desk: OpenDesk
) -> None:
    version = draft(new_public_id())
    path = f"/admin/tickets/slapolicyversion/?policy__id__exact={version.policy_id}"
    page = open_desk(hire(role="admin"), path, is_live=False)

    def act(action: str) -> None:
        page.locator("input[name='_selected_action']").check()
        page.locator("select[name='action']").select_option(action)
        with page.expect_navigation():
            page.locator("button[name='index']").press("Enter")

    act("put_into_force")
    expect(page.get_by_role("heading", name="Put into force")).to_be_visible()
    looks.right(page, "put-into-force")
    page.get_by_label("At a moment").fill("2020-02-29T12:00")
    page.get_by_role("button", name="Put into force").press("Enter")
    expect(page.get_by_text("This moment is past")).to_be_visible()
    assert axe.violations(page) == []
    page.get_by_label("At a moment").fill("2126-03-01T12:00")
    page.get_by_role("button", name="Put into force").press("Enter")
    expect(page.locator("#result_list .field-applies_from")).to_contain_text("2126")
    act("take_back")
    expect(page.locator("#result_list .field-applies_from")).not_to_contain_text("2126")
    version.refresh_from_db()
    assert version.applies_from is None
