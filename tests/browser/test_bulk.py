"""Macros and bulk changes in a real browser: by keyboard, narrow, dark and in Chinese."""

import pytest
from playwright.sync_api import expect

from tests.browser import desk, looks
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import mail_ticket
from tickets.actions import Action, Kind
from tickets.models import Mailbox, Ticket
from tickets.services import canned, properties
from tickets.services.canned import Wording

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_bulk__chosen_by_keyboard__is_confirmed_watched_and_undone(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    lead, tag = hire("Lin Lead", "lead"), desk.unique("bulk").replace(" ", "-")
    tickets = [mail_ticket(subject=f"{tag} {number}", mailbox=mailbox) for number in range(3)]
    for ticket in tickets:
        properties.set_tags(ticket=ticket, names=[tag], by=lead)
    page = open_desk(lead, f"/desk/views/open/?q=tag:{tag}")
    page.get_by_role("link", name="Change many").press("Enter")
    expect(page.get_by_label("All 3 that match")).to_be_checked()
    page.get_by_label("Priority").select_option("urgent")
    looks.right(page, "bulk-new")
    page.get_by_role("button", name="Look at it first").press("Enter")
    expect(page.get_by_role("heading", name="Change 3 tickets?")).to_be_visible()
    looks.right(page, "bulk-confirm")
    page.get_by_role("button", name="Change them").press("Enter")
    # The page asks again by itself until it is over.
    expect(page.get_by_role("heading", name="Over")).to_be_visible()
    expect(page.get_by_text("3 done")).to_be_visible()
    looks.right(page, "bulk-over")
    assert set(Ticket.objects.filter(tags__name=tag).values_list("priority", flat=True)) == {"urgent"}
    properties.set_priority(ticket=tickets[0], to="low", by=lead)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("1 left alone")).to_be_visible()
    expect(page.get_by_text("2 done")).to_be_visible()
    looks.right(page, "bulk-undone")
    assert sorted(Ticket.objects.filter(tags__name=tag).values_list("priority", flat=True)) == [
        "low",
        "normal",
        "normal",
    ]


def test_macro_and_what_is_kept__in_chinese_and_dark__are_whole(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    lead, ticket = (
        hire("Mei Lead", "lead", locale="zh-hans"),
        mail_ticket(subject=desk.unique("macro"), mailbox=mailbox),
    )
    done = (Action(Kind.PRIORITY, "high"), Action(Kind.ADD_TAGS, "vip"), Action(Kind.NOTE, "Looked at", "已查看"))
    words = Wording(shortcut=desk.unique("m").replace(" ", "-"), title="加急", text="Hello", actions=done)
    macro = canned.add(by=lead, wording=words, is_own=True)
    page = open_desk(lead, f"{desk.ticket_path(ticket).split('?')[0]}macros/{macro.public_id}/", color_scheme="dark")
    expect(page.get_by_role("heading", name="加急", level=1)).to_be_visible()
    looks.right(page, "macro-zh")
    origin = page.url.split("/desk/")[0]
    for path, name in (
        (f"/desk/canned/{macro.public_id}/", "canned-zh"), ("/desk/bulk/", "bulk-list-zh"), ("/desk/kept/", "kept-zh"),
        ("/desk/kept/checklists/new/", "checklist-zh"), ("/desk/kept/templates/new/", "template-zh"),
        ("/desk/reports/spent/", "spent-zh"), ("/desk/new/", "new-zh"),
    ):  # fmt: skip
        page.goto(f"{origin}{path}")
        expect(page.locator("h1")).to_be_visible()
        looks.right(page, name)
