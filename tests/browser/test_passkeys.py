"""Passkeys of staff in a real browser with a device of its own: added, signed in with, ended; what goes wrong is said."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Staff
from security.models import StaffSession
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenDesk
from tests.browser.test_sign_in import TYPED_WITHIN_S, give_password, give_right_code
from tests.factories.security import code_of
from tests.support import virtual_authenticator
from tests.support.exchange_beside import SetClock
from tests.support.system import RunningSystem

pytestmark = pytest.mark.xdist_group("system")
NARROW = {"width": 390, "height": 844}
# The code of that step was used; this one is another.
A_MINUTE_AGO = -timedelta(minutes=1)


def prove_by_code(page: Page, person: Staff) -> None:
    """Begin on the account page, as somebody without a passkey."""
    section = page.get_by_role("region", name="Passkeys")
    section.get_by_label("Code from your authenticator").fill(code_of(person, lasts_s=TYPED_WITHIN_S))
    section.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Name of the new passkey")).to_be_visible()


def add(page: Page, name: str) -> None:
    """Add a passkey, by keyboard alone."""
    # Off until its script is there; till then Tab passes it by.
    expect(page.get_by_role("button", name="Add a passkey")).to_be_enabled()
    page.get_by_label("Name of the new passkey").fill(name)
    page.get_by_label("Name of the new passkey").press("Tab")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The passkey is yours from now on.")).to_be_visible()


def sign_out(page: Page) -> None:
    """Begin anew: what the page still asks for would bring its cookies back, and a form's token would be another's."""
    page.goto("about:blank")
    page.context.clear_cookies()


def expect_well(page: Page) -> None:
    """Look at the page in both themes, wide and narrow."""
    assert axe.violations(page) == []
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})


def test_passkey__added_on_the_account_page__signs_in(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem
) -> None:
    person = hire()
    page = open_desk(person, "/account/", is_live=False)
    device = virtual_authenticator.add(page)
    expect_well(page)
    prove_by_code(page, person)
    expect_well(page)
    add(page, "Laptop")
    expect(page.get_by_role("region", name="Passkeys")).to_contain_text("Laptop")
    expect(page.get_by_text("Stays on its device")).to_be_visible()
    expect_well(page)
    assert len(virtual_authenticator.credentials(page, device)) == 1

    sign_out(page)
    page.goto(f"{running_system.url}/desk/views/unassigned/")
    give_password(page, person)
    desk.expect_path(page, "/sign-in/passkey/")
    expect(page.get_by_role("button", name="Use your passkey")).to_be_focused()
    expect_well(page)
    page.keyboard.press("Enter")

    desk.expect_path(page, "/desk/views/unassigned/")
    assert StaffSession.objects.filter(staff=person).latest("pk").method == "webauthn"


def test_passkey__another_is_added_with_the_first_and_ended__the_last_one_stays(
    hire: Hire, open_desk: OpenDesk
) -> None:
    person = hire()
    page = open_desk(person, "/account/", is_live=False)
    first = virtual_authenticator.add(page)
    prove_by_code(page, person)
    add(page, "Laptop")
    section = page.get_by_role("region", name="Passkeys")
    expect(section).to_contain_text("add another before you can end it")
    section.get_by_role("button", name="Prove it with your passkey").click()
    # A device keeps one passkey of a person: the second lies on another.
    expect(page.get_by_label("Name of the new passkey")).to_be_visible()
    virtual_authenticator.remove(page, first)
    virtual_authenticator.add(page, defaultBackupEligibility=True)
    add(page, "Phone")
    expect(section).to_contain_text("Synced between devices")
    section.get_by_role("button", name="Prove it with your passkey").click()
    row = section.get_by_role("listitem").filter(has_text="Laptop")
    row.get_by_text("End…").click()
    expect_well(page)
    row.get_by_role("button", name="End this passkey").click()

    expect(page.get_by_text("The passkey is ended, and every other session with it.")).to_be_visible()
    expect(section).not_to_contain_text("Laptop")
    expect(section).to_contain_text("add another before you can end it")


def test_second_step__device_that_does_not_know_its_person__says_so_and_takes_a_code(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem, set_clock: SetClock
) -> None:
    person = hire()
    set_clock(A_MINUTE_AGO)
    page = open_desk(person, "/account/", is_live=False)
    device = virtual_authenticator.add(page)
    prove_by_code(page, person)
    add(page, "")
    set_clock(timedelta())
    sign_out(page)
    page.goto(f"{running_system.url}/sign-in/")
    give_password(page, person)
    # What happens next is meant for the page that follows.
    desk.expect_path(page, "/sign-in/passkey/")
    virtual_authenticator.verify(page, device, is_right=False)

    page.get_by_role("button", name="Use your passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("it was cancelled, or this device has none for us")
    expect_well(page)
    page.get_by_role("link", name="Use a code").click()
    give_right_code(page, person)
    desk.expect_path(page, "/desk/")


def test_second_step__verifier_away__says_so_and_lets_in_afterwards(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem
) -> None:
    person = hire()
    page = open_desk(person, "/account/", is_live=False)
    virtual_authenticator.add(page)
    prove_by_code(page, person)
    add(page, "Laptop")
    sign_out(page)
    page.goto(f"{running_system.url}/sign-in/")
    give_password(page, person)
    desk.expect_path(page, "/sign-in/passkey/")
    running_system.stop("verifier")
    try:
        page.get_by_role("button", name="Use your passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("cannot be checked right now")
    finally:
        running_system.start("verifier")
        running_system.wait_until_ready()
    page.get_by_role("button", name="Use your passkey").click()
    desk.expect_path(page, "/desk/")


def test_passkeys__in_chinese__every_word_is_there(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem
) -> None:
    person = hire(locale="zh-hans")
    page = open_desk(person, "/account/", is_live=False, locale="zh-CN")
    virtual_authenticator.add(page)
    section = page.get_by_role("region", name="通行密钥")
    section.get_by_label("身份验证器").fill(code_of(person, lasts_s=TYPED_WITHIN_S))
    section.get_by_role("button").click()
    page.get_by_label("新通行密钥的名称").fill("笔记本")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(section).to_contain_text("笔记本")
    expect(section).to_contain_text("仅限本设备")
    expect_well(page)
