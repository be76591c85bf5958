"""When the connection goes: offline, the socket server killed, the session revoked; nothing is missed."""

import signal

import pytest
from django.db import transaction
from playwright.sync_api import expect

from core.audit import SYSTEM
from security.models import StaffSession
from security.services import sessions
from tests.browser import desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import answer, mail_ticket
from tests.support.system import RunningSystem
from tickets.models import Mailbox

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]

RECONNECTED_MS = 30_000
# trust.md: a revoked session reaches no data after five seconds.
REVOKED_MS = 5_000


def test_desk__offline_and_back__says_so_and_saves_what_was_typed(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    page = open_desk(hire(), desk.ticket_path(mail_ticket(mailbox=mailbox)))
    page.context.set_offline(True)
    expect(page.locator("[data-banner]")).to_contain_text("You are offline.")
    desk.write(page, "Typed on a train")
    expect(page.locator("[data-draft-state]")).to_have_text("Not saved, trying again")

    page.context.set_offline(False)

    expect(page.locator("[data-banner]")).to_be_empty()
    expect(page.locator("[data-draft-state]")).to_have_text("Saved")
    expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live", timeout=RECONNECTED_MS)


def test_desk__socket_server_killed__catches_up_on_all_that_was_missed(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem, mailbox: Mailbox
) -> None:
    ticket = mail_ticket(mailbox=mailbox, subject=desk.unique("Socket killed"))
    page = open_desk(hire(), desk.ticket_path(ticket))
    page.evaluate("window.loadedOnce = true")
    running_system.stop("sockets", number=signal.SIGKILL)
    expect(page.locator("[data-connection]")).to_have_attribute("data-state", "reconnecting")
    said = [f"Said in the dark, number {number}" for number in range(4)]
    for text in said:
        answer(ticket, text)
    missed = mail_ticket(mailbox=mailbox, subject=desk.unique("Opened in the dark"))

    running_system.start("sockets")
    running_system.wait_until_ready()

    expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live", timeout=RECONNECTED_MS)
    expect(page.locator("#messages article .msg-body").filter(has_text="Said in the dark")).to_have_text(said)
    page.locator("[data-news]").get_by_role("button").click()
    expect(desk.row(page, missed.subject)).to_be_visible()
    seqs = page.locator("#messages [data-seq]").evaluate_all("all => all.map((one) => Number(one.dataset.seq))")
    assert seqs == list(range(1, len(seqs) + 1))
    answer(ticket, "And live again.")
    expect(desk.message(page, "And live again.")).to_be_visible()
    assert page.evaluate("window.loadedOnce"), "the page was loaded again"


def test_desk__many_tickets_move_in_one_moment__rows_are_mended_in_place_and_read_together(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    tickets = [mail_ticket(mailbox=mailbox, subject=desk.unique(f"Moved {number}")) for number in range(6)]
    page = open_desk(hire(), "/desk/views/open/")
    expect(desk.row(page, tickets[-1].subject)).to_be_visible()
    order = page.locator("[data-row]").evaluate_all("all => all.map((one) => one.dataset.row)")
    readings: list[str] = []
    page.on("request", lambda request: readings.append(request.url) if "only=" in request.url else None)

    with transaction.atomic():
        for ticket in tickets:
            answer(ticket, "All in one moment")
        for number in range(3):
            mail_ticket(mailbox=mailbox, subject=desk.unique(f"Opened {number}"))

    expect(page.locator("[data-news]").get_by_role("button")).to_have_text("3 new")
    for ticket in tickets:
        expect(desk.row(page, ticket.subject)).to_contain_text("All in one moment")
    assert page.locator("[data-row]").evaluate_all("all => all.map((one) => one.dataset.row)") == order
    assert any(url.count("only=") > 1 for url in readings), readings


def test_desk__session_revoked__is_closed_within_five_seconds(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    person = hire()
    ticket = mail_ticket(mailbox=mailbox, subject=desk.unique("Revoked"))
    page = open_desk(person, desk.ticket_path(ticket))

    sessions.end(session=StaffSession.objects.get(staff=person), reason="revoked", actor=SYSTEM)

    expect(page.locator("[data-banner]")).to_contain_text("Your session ended.", timeout=REVOKED_MS)
    answer(ticket, "Not for former eyes.")
    page.get_by_role("link", name="Sign in again").click()
    desk.expect_path(page, "/sign-in/")
    page.goto(page.url.partition("/sign-in")[0] + desk.ticket_path(ticket))
    desk.expect_path(page, "/sign-in/")


def test_desk__session_ended_from_the_account_page__closes_the_other_browser(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire()
    stolen = open_desk(person)
    own = open_desk(person, "/account/")

    own.get_by_role("button", name="End the session").click()

    expect(stolen.locator("[data-banner]")).to_contain_text("Your session ended.", timeout=REVOKED_MS)
    expect(own.get_by_role("button", name="End the session")).to_have_count(0)
