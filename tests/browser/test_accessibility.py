"""axe finds nothing to complain about, on any page, in either theme; the `watch` fixture hears no broken policy."""

import pyotp
import pytest
from playwright.sync_api import Page, expect

from security.models import TotpDevice
from security.services import invitations
from tests.browser import axe, desk, scenes
from tests.browser.conftest import Hire, OpenDesk
from tests.browser.test_sign_in import give_code, give_password
from tests.factories.accounts import StaffFactory
from tests.factories.security import wrong_code
from tests.factories.tickets import mail_ticket
from tests.support.system import RunningSystem
from tickets.models import Mailbox

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]

PLAIN = {
    "account": "/account/",
    "empty view": "/desk/views/mine/",
    "new": "/desk/new/",
    "review": "/desk/review/",
    "postbox": "/demo/postbox/",
    "who takes chats": "/desk/chats/team/",
    "shifts": "/desk/shifts/",
    "calls": "/desk/calls/",
    "escalations": "/desk/escalations/",
    "dry run of escalation": "/desk/escalations/try/",
    "on call": "/desk/on-call/",
    "report of service levels": "/desk/reports/",
    "report of times": "/desk/reports/times/",
    "wallboard": "/desk/wallboard/",
    "not found": "/desk/tickets/nothing/",
    "API docs": "/api/v1/docs/",
}
ADMIN = {
    "index": "/admin/",
    "staff": "/admin/accounts/staff/",
    "mailboxes": "/admin/tickets/mailbox/",
    "outgoing mail": "/admin/tickets/outboundmail/",
    "new mailbox": "/admin/tickets/mailbox/add/",
    "new team": "/admin/accounts/team/add/",
    "chat agents": "/admin/accounts/presence/",
    "new chat agent": "/admin/accounts/presence/add/",
    "skills": "/admin/accounts/skill/",
    "new skill": "/admin/accounts/skill/add/",
    "proactive messages": "/admin/livechat/proactivemessage/",
    "new proactive message": "/admin/livechat/proactivemessage/add/",
    "new tag": "/admin/tickets/tag/add/",
    "new calendar": "/admin/tickets/slacalendar/add/",
    "new chain": "/admin/tickets/escalationchain/add/",
    "new on-call schedule": "/admin/tickets/oncallschedule/add/",
    "new phone line": "/admin/tickets/phoneline/add/",
    "new draft of a policy": "/admin/tickets/slapolicyversion/add/",
    "new policy": "/admin/tickets/slapolicy/add/",
    "calendars of teams": "/admin/tickets/slateamcalendar/",
    "new calendar of a team": "/admin/tickets/slateamcalendar/add/",
    "new iCal feed": "/admin/tickets/calendarfeed/add/",
    "new door of escalation": "/admin/tickets/escalationhook/add/",
    "webhooks": "/admin/tickets/webhookendpoint/",
    "new webhook": "/admin/tickets/webhookendpoint/add/",
    "new custom field": "/admin/tickets/customfield/add/",
}


def found_on(page: Page, paths: dict[str, str], *, waits_for: str = "main") -> dict[str, list[str]]:
    """Walk these pages in one browser; returns by name what axe finds on each where it finds something."""
    origin = page.url.partition("/desk")[0].partition("/admin")[0]
    found = {}
    for name, path in paths.items():
        page.goto(f"{origin}{path}")
        expect(page.locator(waits_for).first).to_be_visible()
        found[name] = axe.violations(page)
    return {name: lines for name, lines in found.items() if lines}


@pytest.mark.timeout(600)
def test_axe__pages_of_the_desk__finds_nothing(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Lin Lead", "lead"), "/desk/views/mine/", is_live=False)
    assert found_on(page, PLAIN) == {}


@pytest.mark.timeout(600)
def test_axe__pages_of_the_administration__finds_nothing(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Ama Admin", "admin"), "/admin/", is_live=False)
    assert found_on(page, ADMIN, waits_for="#content") == {}


def test_axe__audit_log_for_an_auditor__finds_nothing(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Ari Auditor", "auditor"), "/admin/core/auditentry/", is_live=False)
    expect(page.locator("#result_list")).to_be_visible()
    assert axe.violations(page) == []


@pytest.mark.parametrize("model", ["tickets/mailbox", "accounts/staff"])
def test_axe__change_form_of_the_administration__finds_nothing(hire: Hire, open_desk: OpenDesk, model: str) -> None:
    page = open_desk(hire("Ama Admin", "admin"), f"/admin/{model}/", is_live=False)
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator(".submit-row, #content-main form").first).to_be_visible()
    assert axe.violations(page) == []


def test_axe__administration_for_an_agent__is_refused_and_finds_nothing(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire(), "/desk/views/open/")
    answer = page.goto(page.url.partition("/desk")[0] + "/admin/")
    assert answer is not None
    assert answer.status == 403
    assert axe.violations(page) == []


def test_axe__queue_and_ticket_with_everything__finds_nothing(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox
) -> None:
    person = hire("Lin Lead", "lead")
    ticket = scenes.ticket_with_everything(mailbox, person)
    page = open_desk(person, desk.ticket_path(ticket))
    expect(page.locator("#messages")).to_contain_text("A reply, queued.")
    assert axe.violations(page) == []
    desk.shown(page, "Assignee").click()
    assert axe.violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_text("Note", exact=True).click()
    page.locator("details.quoted summary").first.click()
    assert axe.violations(page) == []
    page.locator("[data-frame-open]").first.click()
    expect(page.locator("[data-frame-holder]").first).to_be_visible()
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert axe.violations(page) == []


def test_axe__dialogs_and_notices__finds_nothing(hire: Hire, open_desk: OpenDesk, mailbox: Mailbox) -> None:
    page = open_desk(hire(), desk.ticket_path(mail_ticket(mailbox=mailbox)))
    page.locator("#composer-text").focus()
    desk.send(page)
    expect(page.locator(".composer-notice")).to_be_visible()
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator(".case-notices")).to_be_visible()
    assert axe.violations(page) == []
    desk.write(page, "Held for a moment.")
    desk.send(page)
    expect(page.locator("[data-undo]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("[data-palette-list] [role=option]").first).to_be_visible()
    assert axe.violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#dialog-palette")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#dialog-keys")).to_be_visible()
    assert axe.violations(page) == []


def test_axe__mail_in_review__finds_nothing(hire: Hire, open_desk: OpenDesk, mailbox: Mailbox) -> None:
    row = scenes.mail_in_review(mailbox)
    page = open_desk(hire("Lin Lead", "lead"), f"/desk/review/{row.public_id}/")
    expect(page.locator("#quarantine-item")).to_contain_text("Tried once.")
    assert axe.violations(page) == []


def test_axe__steps_of_signing_in__finds_nothing(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire()
    page = open_desk(None, "/sign-in/")
    assert axe.violations(page) == []
    give_password(page, person, "not my password")
    expect(page.get_by_role("alert")).to_be_visible()
    assert axe.violations(page) == []
    give_password(page, person)
    give_code(page, wrong_code(person))
    expect(page.get_by_text("tries left")).to_be_visible()
    assert axe.violations(page) == []
    page.get_by_role("link", name="Use a recovery code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery code")
    assert axe.violations(page) == []


def test_axe__invitation_enrolment_and_codes__finds_nothing(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem
) -> None:
    email = desk.unique("axe").replace(" ", "-") + "@cast.test"
    invited = invitations.add_person(email=email, name="Nia New", role="agent", invited_by=hire("Ama Admin", "admin"))
    page = open_desk(None, invited.link.removeprefix(running_system.url))
    assert axe.violations(page) == []
    for name in ("Password", "Once more"):
        page.get_by_label(name, exact=True).fill("a sentence of my own choice")
    page.get_by_role("button", name="Continue to the authenticator").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your authenticator")
    page.get_by_text("The camera does not work").click()
    assert axe.violations(page) == []
    give_code(page, pyotp.TOTP(TotpDevice.objects.get(staff__email=email).secret).now())
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these recovery codes")
    assert axe.violations(page) == []
    page.goto(invited.link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This invitation no longer works")
    assert axe.violations(page) == []


def test_axe__forgotten_password__finds_nothing(open_desk: OpenDesk, mailbox: Mailbox) -> None:
    person = StaffFactory.create()
    page = open_desk(None, "/password/")
    assert axe.violations(page) == []
    page.get_by_label("Work email").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your mailbox")
    assert axe.violations(page) == []
    page.goto(reset_link(page, person.public_id))
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    assert axe.violations(page) == []


def reset_link(page: Page, public_id: str) -> str:
    """Return a link of the right form that opens nothing."""
    return f"{page.url.partition('/password')[0]}/password/{public_id}/not-a-token/"
