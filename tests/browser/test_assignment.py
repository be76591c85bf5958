"""Assignment and shifts in a real browser: why me, passing on, and the rota; by keyboard, on a narrow page, in Chinese."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Absence, Shift
from core.clock import now
from livechat.services import presence
from tests.browser import axe, desk, looks
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import mail_ticket
from tickets.models import Mailbox, Ticket
from tickets.services import assignment

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def narrow(page: Page) -> None:
    """Nothing is cut off on a phone, and axe finds nothing there either."""
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert axe.violations(page) == []


def test_why_me__of_a_ticket_given_by_itself__tells_and_passes_it_on(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    slug = desk.unique("assigns").replace(" ", "-")
    team = TeamFactory.create(slug=slug, name=slug, assigns_tickets=True)
    ada, ben = hire("Ada Agent"), hire("Ben Agent", locale="zh-hans")
    for person in (ada, ben):
        team.memberships.create(staff=person)
    presence.say(person=ada, state="online")
    ticket = mail_ticket(address=f"{slug}@example.com", mailbox=mailbox, team=team)
    assignment.assign_waiting()
    page = open_desk(ada, desk.ticket_path(ticket))
    page.get_by_role("link", name="Why me?").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Assigned: Ada Agent")).to_be_visible()
    expect(page.get_by_text("Nobody else was free.")).to_be_visible()
    assert axe.violations(page) == []
    narrow(page)

    presence.say(person=ben, state="online")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Back to the ticket").press("Enter")
    page.get_by_role("button", name="Pass on", exact=True).press("Enter")
    expect(page.get_by_text("Ada Agent passed the ticket on to the next.")).to_be_visible()
    assignment.assign_waiting()
    assert Ticket.objects.get(pk=ticket.pk).assignee == ben
    page = open_desk(ben, f"/desk/tickets/{ticket.public_id}/why/")
    expect(page.get_by_text("之前已处理过")).to_be_visible()


def test_hand_over__by_keyboard__stands_on_top_until_a_colleague_takes_over(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    ada, ben = hire("Ada Agent"), hire("Ben Agent", theme="dark")
    subject = desk.unique("Bank transfer")
    ticket = mail_ticket(address=f"{subject.replace(' ', '-')}@example.com", subject=subject, mailbox=mailbox)
    page = open_desk(ada, desk.ticket_path(ticket))
    page.locator("#hand-over-form summary").press("Enter")
    page.get_by_label("For", exact=True).select_option(value=ben.public_id)
    page.get_by_label("What is done, and what is next").fill("The bank answers tomorrow at nine.")
    page.get_by_role("button", name="Leave the note").press("Enter")
    expect(page.get_by_text("Handed over: the note stands on top of the ticket.")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("Ada Agent hands this over to Ben Agent")
    assert axe.violations(page) == []

    page = open_desk(ben, "/desk/shifts/")
    expect(page.get_by_role("heading", name="Handed over to you")).to_be_visible()
    narrow(page)
    page.get_by_role("link", name=subject).press("Enter")
    note = page.get_by_role("note")
    expect(note).to_contain_text("The bank answers tomorrow at nine.")
    narrow(page)
    note.get_by_role("button", name="Taken over").press("Enter")
    expect(note).to_be_hidden()
    expect(page.get_by_text("Ben Agent took over what Ada Agent had handed over.")).to_be_visible()
    assert Ticket.objects.get(pk=ticket.pk).assignee == ben


def test_shifts__planned_by_keyboard__are_shown_noted_and_cancelled(hire: Hire, open_desk: OpenDesk) -> None:
    lead = hire("Lin Lead", "lead")
    page = open_desk(lead, "/desk/shifts/")
    page.get_by_label("Person").select_option(value=lead.public_id)
    page.get_by_label("From", exact=True).fill("10:00")
    page.get_by_label("To", exact=True).fill("18:00")
    page.get_by_role("button", name="Plan", exact=True).press("Enter")
    row = page.locator("li").filter(has=page.get_by_role("button", name="Cancel the shift of Lin Lead")).first
    expect(page.get_by_text("Planned.")).to_be_visible()
    expect(row).to_contain_text("10:00 – 18:00")
    row.get_by_text("Hand-over note").press("Enter")
    row.get_by_role("textbox", name="Hand-over note").fill("Watch the queue of Tron.")
    assert axe.violations(page) == []
    row.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("heading", name="Left for you")).to_be_visible()
    narrow(page)
    page.get_by_role("button", name="Cancel the shift of Lin Lead").first.click()
    expect(page.get_by_role("heading", name="Left for you")).to_be_hidden()
    assert not Shift.objects.standing().filter(staff=lead).exists()


def test_swap__offered_accepted_and_approved_by_keyboard__changes_hands(hire: Hire, open_desk: OpenDesk) -> None:
    name = desk.unique("Ben").replace(" ", "")
    ada, ben, lead = hire("Ada Agent"), hire(name), hire("Lin Lead", "lead")
    # Within one day: over midnight it would be listed under both.
    starts = (now() + timedelta(days=1)).replace(hour=8)
    shift = Shift.objects.create(staff=ada, starts_at=starts, ends_at=starts + timedelta(hours=4), time_zone="UTC")
    week = f"/desk/shifts/?week={starts.date().isoformat()}"
    page = open_desk(ada, week)
    page.get_by_text("Offer to a colleague").press("Enter")
    page.get_by_label("To, or in exchange for").select_option(value=f"person:{ben.public_id}")
    page.get_by_role("button", name="Offer", exact=True).press("Enter")
    expect(page.get_by_role("button", name=f"Withdraw the offer to {name}")).to_be_visible()
    assert axe.violations(page) == []
    narrow(page)
    page = open_desk(ben, week)
    page.get_by_role("button", name="Accept the shift of Ada Agent").press("Enter")
    expect(page.get_by_text("Accepted, waits for a lead")).to_be_visible()
    page = open_desk(lead, week)
    approve = page.get_by_role("button", name=f"Approve the swap of Ada Agent and {name}")
    narrow(page)
    approve.press("Enter")
    expect(approve).to_be_hidden()
    assert Shift.objects.standing().get(staff=ben).starts_at == shift.starts_at
    assert not Shift.objects.standing().filter(staff=ada).exists()


def test_absence__asked_for_by_keyboard__is_granted_by_a_lead(hire: Hire, open_desk: OpenDesk) -> None:
    name = desk.unique("Cleo").replace(" ", "")
    cleo = hire(name)
    page = open_desk(cleo, "/desk/shifts/")
    page.get_by_text("Ask for an absence").press("Enter")
    page.get_by_label("Kind").select_option(value="sick")
    page.get_by_label("First day").fill("2030-03-04")
    page.get_by_label("Last day").fill("2030-03-08")
    narrow(page)
    page.get_by_role("button", name="Ask for it").press("Enter")
    expect(page.get_by_text("Asked for.")).to_be_visible()
    page = open_desk(hire("Lin Lead", "lead"), "/desk/shifts/")
    page.get_by_role("button", name=f"Grant the absence of {name}").press("Enter")
    expect(page.get_by_role("button", name=f"End or withdraw the absence of {name}")).to_be_visible()
    assert Absence.objects.get(staff=cleo).state == "granted"


def test_shifts__in_chinese_on_a_narrow_page__is_whole(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Mei Agent", locale="zh-hans"), "/desk/shifts/")
    expect(page.get_by_role("heading", name="班次", exact=True)).to_be_visible()
    narrow(page)


def test_address_of_ones_shifts__by_keyboard__is_shown_once_and_ended(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire(), "/desk/shifts/")
    card = page.get_by_role("region", name="Your shifts in your calendar")
    card.get_by_role("button", name="Make an address").press("Enter")
    expect(card.get_by_text("This is shown once.")).to_be_visible()
    address = card.get_by_label("Address").input_value()
    looks.right(page, "shift-address")
    assert page.request.get(address).ok
    page.goto(page.url.partition("/desk/")[0] + "/desk/shifts/")
    expect(card.get_by_role("button", name="End the address")).to_be_visible()
    expect(card.get_by_label("Address")).to_have_count(0)
    card.get_by_role("button", name="End the address").press("Enter")
    expect(card.get_by_role("button", name="Make an address")).to_be_visible()
    assert page.request.get(address).status == 404
