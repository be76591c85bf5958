"""Fields, a checklist and time spent in a real browser: by keyboard, then narrow, dark and in Chinese."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import mail_ticket
from tickets.models import CustomField, Mailbox, TimeEntry
from tickets.selectors import custom_fields

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_work__fields_checklist_and_time__are_filled_in_ticked_and_written_down(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    ticket = mail_ticket(subject=desk.unique("Lost card"), mailbox=mailbox)
    for key, kind, zh in (("card_number", "text", "卡号末位"), ("reported", "yes_no", "已报失")):
        CustomField.objects.get_or_create(
            key=key, defaults={"kind": kind, "name": key.replace("_", " ").title(), "name_zh_hans": zh}
        )
    page = open_desk(hire(), desk.ticket_path(ticket))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#fields summary").press("Enter")
    page.get_by_label("Card Number").fill("A-17")
    page.get_by_label("Reported").select_option("yes")
    page.get_by_label("Card Number").press("Enter")
    expect(page.locator("#fields .facts")).to_contain_text("A-17")
    page.locator("#checklist .chat-act > summary").press("Enter")
    for words in ("Block the card", "Tell the bank"):
        page.get_by_label("What is to be done").fill(words)
        page.get_by_label("What is to be done").press("Enter")
        expect(page.locator("#checklist .checklist-items")).to_contain_text(words)
    page.get_by_role("checkbox", name="Block the card").press("Enter")
    expect(page.locator("#checklist .tally")).to_have_text("1 of 2")
    page.locator("#time-spent summary").press("Enter")
    page.get_by_label("Minutes").fill("25")
    page.get_by_label("Minutes").press("Enter")
    expect(page.locator("#time-spent .tally")).to_have_text("25 minutes")
    assert axe.violations(page) == []
    assert custom_fields.told(ticket) == {"card_number": "A-17", "reported": True}
    assert TimeEntry.objects.get(ticket=ticket).minutes == 25
    page.locator(".user-chip").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto(page.url.split("?")[0].replace(desk.path_of(page).split("?")[0], "/desk/kept/templates/new/"))
    expect(page.get_by_label("卡号末位")).to_be_visible()
    assert axe.violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
