"""Reports and the wallboard in a real browser: by keyboard, in the dark, on a narrow page, in Chinese, kept fresh."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import Staff
from core.clock import now
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.sla import draft
from tests.factories.tickets import customer, mail_ticket
from tickets.models import Mailbox, Message, SlaClock, Ticket

# The page itself does not scroll sideways; charts and tables do, within themselves.
WHOLE = (
    "() => { const pane = document.querySelector('#main .pane-scroll'); return pane.scrollWidth <= pane.clientWidth; }"
)
pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def looks_right(page: Page) -> None:
    """Dark and light, wide and narrow: nothing is cut off, and axe finds nothing."""
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(WHOLE)
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})


def an_hour_ago(subject: str, *, by: Staff) -> Ticket:
    """Return a case that was opened, answered late and resolved an hour ago: reports know it already."""
    at = now() - timedelta(hours=1)
    who = customer("reported@example.com")
    ticket = Ticket.objects.create(
        subject=subject, channel="email", requester=who, status="resolved", last_seq=3, created_at=at
    )
    said = {"ticket": ticket, "channel": "email", "created_at": at + timedelta(minutes=20)}
    moved = {"kind": "event", "direction": "out", "sender_role": "staff", "staff": by, "event": "status_changed"}
    Message.objects.bulk_create(
        [
            Message(
                **said | {"created_at": at}, seq=1, kind="reply", direction="in", sender_role="requester", customer=who
            ),
            Message(**said, seq=2, kind="reply", direction="out", sender_role="staff", staff=by),
            Message(**said, **moved, seq=3, event_data={"from": "open", "to": "resolved"}),
        ]
    )
    SlaClock.objects.create(
        ticket=ticket,
        metric="first_response",
        version=draft("Of the browser"),
        priority="normal",
        target=timedelta(minutes=10),
        started_at=at,
        breached_at=at + timedelta(minutes=10),
        met_at=at + timedelta(minutes=20),
    )
    return ticket


def test_reports__by_keyboard__lead_from_a_figure_to_its_cases_and_a_file(hire: Hire, open_desk: OpenDesk) -> None:
    lead = hire("Lin Lead", "lead")
    subject = desk.unique("reported")
    an_hour_ago(subject, by=lead)
    page = open_desk(lead, "/desk/reports/")
    expect(page.get_by_role("img", name="Kept and missed over time")).to_be_visible()
    page.get_by_label("What counts: Missed", exact=True).press("Enter")
    expect(page.get_by_text("Met later, they stay missed.").first).to_be_visible()
    looks_right(page)
    page.get_by_label("SLA policy").select_option(label="Of the browser")
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    page.get_by_role("region", name="By policy").get_by_role("link").first.press("Enter")
    expect(page.get_by_role("heading", name="Missed promises")).to_be_visible()
    expect(page.get_by_text(subject)).to_be_visible()
    looks_right(page)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Missed promises as CSV").press("Enter")
    assert subject in taken.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("section", ["volume", "times", "reasons"])
def test_reports__each_section__looks_right(hire: Hire, open_desk: OpenDesk, section: str) -> None:
    lead = hire("Lin Lead", "lead")
    an_hour_ago("A case", by=lead)
    page = open_desk(lead, f"/desk/reports/{section}/?period=today")
    expect(page.locator(".report-tile").first).to_be_visible()
    looks_right(page)


def test_reports__in_chinese__are_whole(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Mei Lead", "lead", locale="zh-hans"), "/desk/reports/")
    expect(page.get_by_role("heading", name="报表", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="工单量")).to_be_visible()


def test_wallboard__of_a_desk_that_changes_and_goes_away__renews_itself_and_says_when_it_is_old(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    page = open_desk(hire("Ada Agent"), "/desk/wallboard/")
    looks_right(page)
    waiting = page.locator("[data-figure=waiting] dd")
    before = int(waiting.inner_text())
    page.clock.install()
    page.reload()
    mail_ticket(address=f"{desk.unique('waits').replace(' ', '-')}@example.com", mailbox=mailbox)
    page.clock.run_for(11_000)
    expect(waiting).to_have_text(str(before + 1))

    def away(route: Route) -> None:
        route.abort()

    page.route("**/desk/wallboard/", away)
    page.clock.run_for(40_000)
    expect(page.get_by_role("status").filter(has_text="These figures are old")).to_have_count(1)
    expect(page.get_by_text("Not updated for")).to_be_visible()
    page.unroute("**/desk/wallboard/")
    page.clock.run_for(11_000)
    expect(page.get_by_text("Not updated for")).to_be_hidden()
