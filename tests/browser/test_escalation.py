"""Escalation in a real browser: acknowledged by keyboard, tried dry, on call; on a narrow page, in the dark, in Chinese."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from core import clock
from tests.browser import axe, desk, looks
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.escalation import chain, run_of, schedule
from tests.factories.tickets import mail_ticket
from tickets.escalation.steps import Marks
from tickets.escalation.vocabulary import Cause
from tickets.models import Mailbox, OnCallOverride
from tickets.services import escalation_sweep, escalations, on_call

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
HOUR = timedelta(hours=1)


def narrow(page: Page) -> None:
    """Nothing is cut off on a phone in the dark, and axe finds nothing there either."""
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert axe.violations(page) == []


def test_escalation__that_paged_somebody__is_acknowledged_by_keyboard(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    ada, name = hire("Ada Agent"), desk.unique("Breaches")
    made = chain({"action": "page", "staff": ada, "is_urgent": True}, name=name, is_active=False)
    ticket = mail_ticket(address=f"{name.replace(' ', '-')}@example.com", mailbox=mailbox)
    page = open_desk(ada, "/desk/escalations/")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    with transaction.atomic():
        now = clock.now()
        escalations.begin(ticket=ticket, chain=made, cause=Cause.CUSTOMER, marks=Marks(now, now), clock=None)
    escalation_sweep.sweep()
    # The count is live; the page is read again.
    expect(page.locator("[data-count=escalations]")).to_have_text("1")
    page.reload()
    expect(page.get_by_text("The customer escalated.")).to_be_visible()
    assert axe.violations(page) == []
    narrow(page)
    button = page.get_by_role("button", name=f"Acknowledge #{ticket.number}")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You take care of it: nobody else is told.")).to_be_visible()
    assert run_of(ticket).acknowledged_by == ada
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(page.url.split("/desk/")[0] + desk.ticket_path(ticket))
    expect(page.get_by_text("Escalation paged Ada Agent.")).to_be_visible()
    expect(page.locator("#escalations")).to_contain_text("Acknowledged")
    assert axe.violations(page) == []


def test_dry_run__of_a_chain__says_when_and_to_whom(hire: Hire, open_desk: OpenDesk) -> None:
    lead, name = hire("Lin Lead", "lead"), desk.unique("Dry")
    steps: list[dict[str, Any]] = [{"action": "page", "staff": lead}, {"action": "priority", "priority": "urgent"}]
    made = chain(*steps, name=name, metrics=["update_every"], priorities=["low"], position=1)
    try:
        page = open_desk(lead, "/desk/escalations/")
        page.get_by_role("link", name="Dry run").press("Enter")
        page.get_by_label("Priority").select_option("low")
        page.get_by_label("Promise").select_option("update_every")
        page.get_by_role("button", name="Try").press("Enter")
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        expect(page.get_by_text("1. Page Lin Lead")).to_be_visible()
        expect(page.get_by_text("2. Raise the priority: Urgent")).to_be_visible()
        assert axe.violations(page) == []
        narrow(page)
    finally:
        made.is_active = False
        made.save(update_fields=["is_active"])


def test_on_call__asked_in_chinese_on_a_narrow_page__is_agreed(hire: Hire, open_desk: OpenDesk) -> None:
    ada, mei = hire("Ada Agent"), hire("Mei Agent", locale="zh-hans")
    made = schedule(ada, name=desk.unique("Line"))
    now = clock.now()
    row = on_call.stand_in(schedule=made, staff=mei, span=(now, now + HOUR), by=ada)
    page = open_desk(mei, "/desk/on-call/")
    expect(page.get_by_role("heading", name="值班", exact=True)).to_be_visible()
    narrow(page)
    page.get_by_role("button", name="同意").first.press("Enter")
    expect(page.get_by_text("已完成。")).to_be_visible()
    row.refresh_from_db()
    assert row.state == OnCallOverride.State.STANDING
    page = open_desk(ada, "/desk/on-call/")
    expect(page.get_by_text("On call now: Mei Agent")).to_be_visible()
    assert axe.violations(page) == []


def test_on_call__stand_in_and_swap__are_asked_for_by_keyboard(hire: Hire, open_desk: OpenDesk) -> None:
    ada, mei = hire("Ada Agent"), hire("Mei Agent")
    made = schedule(ada, mei, name=desk.unique("Nights"))
    # Turns of a day, from nine to nine, in turns: this one is Ada's, the next Mei's.
    mine = clock.now().date() + timedelta(days=2)
    mine += timedelta(days=(mine - made.begins_on).days % 2)
    theirs = mine + timedelta(days=1)
    page = open_desk(ada, "/desk/on-call/")
    card = page.get_by_role("region", name=made.name)

    def ask(summary: str, person: str, spans: dict[str, str]) -> None:
        form = card.locator("details").filter(has_text=summary)
        form.locator("summary").press("Enter")
        form.get_by_label(person).select_option(mei.public_id)
        for label, moment in spans.items():
            form.get_by_label(label, exact=True).fill(moment)
        looks.right(page, summary.lower().replace(" ", "-"))
        form.get_by_role("button", name="Ask", exact=True).press("Enter")

    ask("Ask somebody to stand in", "Person", {"From": f"{mine}T12:00", "To": f"{mine}T14:00"})
    expect(card.get_by_text("asked", exact=True)).to_have_count(1)
    swapped = {
        "They take mine from": f"{mine}T16:00", "until": f"{mine}T18:00",
        "I take theirs from": f"{theirs}T16:00", "to": f"{theirs}T18:00",
    }  # fmt: skip
    ask("Ask somebody to swap", "With", swapped)
    expect(card.get_by_text("swap", exact=True).first).to_be_visible()
    looks.right(page, "on-call-asked")
    asked = OnCallOverride.objects.filter(schedule=made, state=OnCallOverride.State.ASKED)
    assert set(asked.values_list("staff__name", flat=True)) == {"Mei Agent", "Ada Agent"}
