"""Asking for a fund-related action and approving it in a real browser, with passkeys of a device inside Chromium."""

import json
from decimal import Decimal
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Staff, TeamMembership
from core.ids import new_public_id
from security.models import Approval, ApproverDraw, FundAction
from security.services import fund_actions
from security.services.fund_actions import Asked
from security.verifier_client import ask
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import TeamFactory
from tests.factories.customers import portal_customer, portal_ticket
from tests.support import virtual_authenticator
from tests.support.authenticator import Authenticator
from tests.support.system import RunningSystem
from tickets.models import Ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
AXE = """async () => (await axe.run(document, { iframes: false, preload: false, resultTypes: ["violations"] }))
  .violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target.join(" ")).join("; ")}`)"""
CREATE = """async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
}"""


def enrol(page: Page, person: Staff) -> None:
    """Give this page a device with a passkey of `person`."""
    virtual_authenticator.add(page)
    begun = ask("staff.passkey.begin", staff=person.pk, name=person.email)
    response = page.evaluate(CREATE, begun["options"])
    assert json.loads(response)["type"] == "public-key"
    ask("staff.passkey.finish", ceremony=begun["ceremony"], response=response, label="Key")


def looks_right(page: Page) -> None:
    """Nothing to complain about in both themes, wide and on a phone, and nothing sticks out at the side."""
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert axe.violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def team(person: Staff) -> None:
    """Put the person into a team of their own."""
    name = new_public_id()
    TeamFactory.create(name=f"Team {name}", slug=name).members.add(person)


def a_case() -> Ticket:
    """Return a request of a new customer's."""
    name = new_public_id()
    return portal_ticket(portal_customer(f"acc-{name}", f"{name}@example.com"))


def fill(page: Page, address: str) -> None:
    """Fill in the form of a refund and send it."""
    page.get_by_label("Id at the exchange").fill("P-1")
    page.get_by_label("Asset").fill("BTC")
    page.get_by_label("Amount").fill("0.01")
    page.get_by_label("Network").select_option("bitcoin")
    page.get_by_label("Address").fill(address)
    page.get_by_role("button", name="Check and continue").click()


def requested(agent: Staff, case: Ticket, origin: str) -> FundAction:
    """Ask for a refund, with a passkey in software."""
    key = Authenticator(origin)
    begun = ask("staff.passkey.begin", staff=agent.pk, name=agent.email)
    ask("staff.passkey.finish", ceremony=begun["ceremony"], response=key.create(begun["options"]), label="Key")
    refund = Asked(
        kind="refund", customer=case.requester, subject="P-1", asset="BTC", network="bitcoin", amount=Decimal("0.01"),
        destination=ADDRESS,
    )  # fmt: skip
    step_up = fund_actions.begin_request(person=agent, asked=refund)
    answer = {"response": key.get(dict(step_up.options))}
    return fund_actions.request(person=agent, asked=refund, begun=step_up, answer=answer, ticket_id=case.pk)


def test_request__by_keyboard_and_passkey__stands_on_the_ticket_in_words(hire: Hire, open_desk: OpenDesk) -> None:
    agent, lead = hire("Ada Agent"), hire("Lin Lead", "lead")
    team(agent)
    team(lead)
    case = a_case()
    page = open_desk(agent, desk.ticket_path(case))
    enrol(page, agent)
    expect(page.locator("#trust")).to_contain_text("Proven by the exchange")
    page.get_by_role("link", name="Request an action").click()
    page.get_by_role("link", name="Refund", exact=True).click()
    fill(page, ADDRESS)
    dialog = page.get_by_role("dialog", name="Refund 0.01 BTC")
    expect(dialog).to_contain_text("bc1q ar0s rrr7 xfkv y5l6 43ly dnw9 re59 gtzz wf5m dq")
    expect(page.locator("dialog:modal")).to_be_visible()
    # Escape leads back to the form, with everything in it.
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Address")).to_have_value(ADDRESS)
    page.get_by_role("button", name="Check and continue").click()
    expect(page.get_by_role("button", name="Ask, with my passkey")).to_be_focused()
    page.keyboard.press("Enter")

    desk.expect_path(page, f"/desk/tickets/{case.public_id}/")
    expect(page.locator("#messages")).to_contain_text("Ada Agent asked for a fund-related action: Refund")
    expect(page.locator("#trust")).to_contain_text("Waits for the customer and the second person")
    assert FundAction.objects.get(ticket_id=case.pk).destination == ADDRESS


def test_approval__by_passkey__of_who_was_drawn(hire: Hire, open_desk: OpenDesk, running_system: RunningSystem) -> None:
    agent, lead = hire("Ada Agent"), hire("Lin Lead", "lead")
    # What is committed stays: nobody but this lead can be drawn.
    TeamMembership.objects.filter(staff__role__in=["lead", "compliance"]).delete()
    team(agent)
    team(lead)
    action = requested(agent, a_case(), running_system.url)
    drawn = ApproverDraw.objects.select_related("approver").get(action=action).approver
    page = open_desk(drawn, "/desk/approvals/")
    enrol(page, drawn)
    expect(page.locator("[data-count=approvals]")).to_have_text("1")
    page.get_by_role("link", name="Refund 0.01 BTC").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Refund 0.01 BTC")
    looks_right(page)
    page.get_by_role("button", name="Approve, with my passkey").click()
    expect(page.get_by_text("Approved.")).to_be_visible()
    assert Approval.objects.filter(action=action, approver=drawn).exists()
    # Who comes back sees what comes next.
    page.goto(f"{running_system.url}/desk/approvals/{action.public_id}/")
    expect(page.get_by_role("status").filter(has_text="Your approval is kept.")).to_contain_text("It counts until")
    looks_right(page)


def test_asking__with_a_complaint__has_no_violation_and_fits(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Ada Agent"), f"/desk/tickets/{a_case().public_id}/actions/new/?kind=refund")
    fill(page, ADDRESS[:-1] + "p")
    expect(page.get_by_text("This is no address of Bitcoin")).to_be_visible()
    looks_right(page)


def test_step_up_dialog__in_both_themes_and_widths__has_no_violation(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Ada Agent"), f"/desk/tickets/{a_case().public_id}/actions/new/?kind=refund")
    fill(page, ADDRESS)
    dialog = page.locator("dialog:modal")
    for scheme, size in product(axe.SCHEMES, (NARROW, WIDE)):
        # Loaded anew, so that nothing is on its way from one scheme to the other.
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.reload()
        expect(dialog).to_be_visible()
        page.evaluate(axe.SCRIPT.read_text(encoding="utf-8"))
        assert page.evaluate(AXE) == [], (scheme, size)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_trust_panel_and_freeze__have_no_violation(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire("Ada Agent"), desk.ticket_path(a_case()))
    expect(page.locator("#trust")).to_contain_text("Proven by the exchange")
    page.locator("#trust summary").click()
    assert axe.violations(page) == []
    page.locator("#f-freeze").fill("Phone stolen")
    page.get_by_role("button", name="Freeze the customer").click()
    expect(page.locator("#trust .notice-bad")).to_contain_text("Frozen")
    assert axe.violations(page) == []


@pytest.mark.parametrize(
    ("path", "words"), [("/desk/tickets/{case}/actions/new/?kind=refund", "退款"), ("/desk/approvals/", "审批")]
)
def test_pages__in_chinese__have_no_violation_and_fit(hire: Hire, open_desk: OpenDesk, path: str, words: str) -> None:
    page = open_desk(hire("Lin Lead", "lead", locale="zh-hans"), path.format(case=a_case().public_id))
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    looks_right(page)
