"""Passkeys and approvals in a real browser, with Chromium's own authenticator: enrol, approve, deny; axe and 390 px."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Customer, Staff, Team, TeamMembership
from core.ids import new_public_id
from security.models import FundAction
from security.services import fund_actions
from security.services.fund_actions import Asked
from security.verifier_client import ask
from tests.browser import axe
from tests.browser.conftest import Hire, OpenContext
from tests.factories.customers import portal_customer
from tests.support import virtual_authenticator
from tests.support.authenticator import Authenticator
from tests.support.exchange_beside import ENROLLED_AGO, SetClock, account, enter
from tests.support.system import RunningSystem

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
DESTINATION = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
NARROW = {"width": 390, "height": 844}


@dataclass
class Desk:
    """An agent who asks and a lead who approves, each with a passkey."""

    agent: Staff
    lead: Staff
    keys: dict[str, Authenticator]

    def request(self, customer: Customer, subject: str) -> FundAction:
        asked = Asked(
            kind="refund", customer=customer, subject=subject, asset="BTC", network="bitcoin", amount=Decimal("0.01"),
            destination=DESTINATION,
        )  # fmt: skip
        begun = fund_actions.begin_request(person=self.agent, asked=asked)
        answer = {"response": self.keys["agent"].get(dict(begun.options))}
        action = fund_actions.request(person=self.agent, asked=asked, begun=begun, answer=answer)
        begun = fund_actions.begin_approval(person=self.lead, action=action)
        answer = {"response": self.keys["lead"].get(dict(begun.options))}
        fund_actions.approve(person=self.lead, action=action, begun=begun, answer=answer)
        return action


def key_of(person: Staff, origin: str) -> Authenticator:
    key = Authenticator(origin)
    begun = ask("staff.passkey.begin", staff=person.pk, name=person.email)
    ask("staff.passkey.finish", ceremony=begun["ceremony"], response=key.create(begun["options"]), label="")
    return key


@pytest.fixture
def desk(running_system: RunningSystem, hire: Hire, set_clock: SetClock) -> Desk:
    # What is committed here stays: whom another test made a lead of a team might be drawn.
    TeamMembership.objects.filter(staff__role__in=["lead", "compliance"]).delete()
    agent, lead = hire("Ada Agent"), hire("Lea Lead", role="lead")
    for person, name in ((agent, f"front-{new_public_id()}"), (lead, f"back-{new_public_id()}")):
        Team.objects.create(name=name, slug=name).members.add(person)
    keys = {"agent": key_of(agent, running_system.url), "lead": key_of(lead, running_system.url)}
    return Desk(agent, lead, keys)


def looks_right(page: Page) -> None:
    """No complaint of axe in both themes on a phone, and nothing sticks out at the side."""
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert axe.violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("locale", ["en", "zh-hans"])
def test_customer__adds_a_passkey_approves_and_says_not_me(
    running_system: RunningSystem, core_of_the_exchange: dict[str, str], open_context: OpenContext, desk: Desk,
    set_clock: SetClock, locale: str,
) -> None:  # fmt: skip
    words = {
        "en": ("Add a passkey", "Your passkey is added.", "Approve with a passkey", "The exchange has carried it out.",
               "This wasn't me: freeze my account", "You said that this was not you."),
        "zh-hans": ("添加通行密钥", "您的通行密钥已添加。", "用通行密钥批准", "交易所已执行。", "这不是我：冻结我的账户", "您说明这不是您本人。"),
    }[locale]  # fmt: skip
    add, added, approve, carried_out, not_me, said_no = words
    customer = portal_customer(account(core_of_the_exchange), f"{new_public_id()}@example.com", locale=locale)
    context = open_context(locale=locale)
    page = context.new_page()
    set_clock(-ENROLLED_AGO)
    enter(context, customer)
    virtual_authenticator.add(page)
    page.goto(f"{running_system.url}/portal/security/passkey/")
    looks_right(page)
    page.get_by_role("button", name=add).press("Enter")
    expect(page.get_by_text(added)).to_be_visible()
    page.goto(f"{running_system.url}/portal/security/authenticator/")
    page.locator("form:not([action*=sign-out]):not([action*=language]) button.btn-l").click()
    expect(page.locator("img.qr")).to_be_visible()
    looks_right(page)

    set_clock(timedelta())
    enter(context, customer)
    first, second = desk.request(customer, "P-1"), desk.request(customer, "P-2")
    page.goto(f"{running_system.url}/portal/approvals/")
    looks_right(page)
    page.locator(f"a[href*='{first.public_id}']").click()
    expect(page.get_by_text("bc1q ar0s rrr7 xfkv")).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name=approve).press("Enter")
    expect(page.get_by_text(carried_out)).to_be_visible()

    page.goto(f"{running_system.url}/portal/approvals/{second.public_id}/")
    page.get_by_role("button", name=not_me).press("Enter")
    expect(page.get_by_text(said_no)).to_be_visible()
    looks_right(page)
    assert not FundAction.objects.filter(pk=second.pk, execution__isnull=False).exists()
