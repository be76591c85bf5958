"""Coming in: password and code, an invitation with its authenticator, recovery codes, wrong codes, the lock."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from accounts.models import Staff
from security.models import TotpDevice
from security.services import invitations, recovery_codes
from tests.browser import desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.accounts import PASSWORD
from tests.factories.security import code_of, wrong_code
from tests.support.system import RunningSystem

pytestmark = pytest.mark.xdist_group("system")

TRIES = 5
# A machine that is slow to take it makes no wrong code.
TYPED_WITHIN_S = 6.0


def give_password(page: Page, person: Staff, password: str = PASSWORD) -> None:
    page.get_by_label("Work email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue").click()


def give_right_code(page: Page, person: Staff) -> None:
    """Type what the person's authenticator shows once the page has come, however long that took."""
    wait_for_the_field(page)
    give_code(page, code_of(person, lasts_s=TYPED_WITHIN_S))


def wait_for_the_field(page: Page) -> None:
    """Wait for the form and its script."""
    page.locator("#id_code").wait_for()
    page.wait_for_load_state("load")


def give_code(page: Page, code: str) -> None:
    """Type a code; the form sends itself with the sixth digit, once its script is there."""
    wait_for_the_field(page)
    page.locator("#id_code").fill(code)
    if len(code) > 6:
        page.get_by_role("button", name="Sign in").click()


def test_sign_in__password_and_code__leads_where_one_wanted_to_go(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire()
    page = open_desk(None, "/desk/views/unassigned/")
    desk.expect_path(page, "/sign-in/")

    give_password(page, person)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    give_right_code(page, person)

    desk.expect_path(page, "/desk/views/unassigned/")
    expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live")


def test_sign_in__wrong_password__says_so_and_keeps_the_address(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire()
    page = open_desk(None)

    give_password(page, person, "not my password")

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Work email")).to_have_value(person.email)
    desk.expect_path(page, "/sign-in/")


def test_second_step__wrong_codes__count_down_and_lock(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire()
    page = open_desk(None)
    give_password(page, person)
    wrong = wrong_code(person)

    give_code(page, wrong)
    expect(page.get_by_text("4 tries left, then the account locks.")).to_be_visible()
    for left in range(TRIES - 2, 0, -1):
        give_code(page, wrong)
        expect(page.get_by_text(re.compile(rf"^\s*{left} (try|tries) left"))).to_be_visible()
    give_code(page, wrong)

    expect(page.get_by_role("heading", level=1)).to_have_text("Too many wrong tries")
    page.get_by_role("link", name="Back to signing in").click()
    give_password(page, person)
    give_right_code(page, person)
    expect(page.get_by_role("heading", level=1)).to_have_text("Too many wrong tries")


def test_recovery_code__of_a_lost_phone__signs_in_once(hire: Hire, open_desk: OpenDesk) -> None:
    person = hire()
    code = recovery_codes.renew(person=person)[0]
    page = open_desk(None)
    give_password(page, person)
    page.get_by_role("link", name="Use a recovery code").click()
    give_code(page, code)
    desk.expect_path(page, "/desk/")

    again = open_desk(None)
    give_password(again, person)
    again.get_by_role("link", name="Use a recovery code").click()
    give_code(again, code)

    expect(again.locator("#id_code-error")).to_contain_text("This code is not right, or it was used already.")
    desk.expect_path(again, "/sign-in/recovery/")


def test_invitation__accepted__enrols_an_authenticator_by_qr_and_shows_codes_once(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem
) -> None:
    email = desk.unique("new").replace(" ", "-") + "@cast.test"
    invited = invitations.add_person(email=email, name="Nia New", role="agent", invited_by=hire("Ama Admin", "admin"))
    page = open_desk(None, invited.link.removeprefix(running_system.url))

    page.get_by_label("Your name").fill("Nia Newcomer")
    page.get_by_label("Password", exact=True).fill("a sentence of my own choice")
    page.get_by_label("Once more").fill("a sentence of my own choice")
    page.get_by_role("button", name="Continue to the authenticator").click()
    picture = page.get_by_role("img", name="QR code with your authenticator secret")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth > 0")
    page.get_by_text("The camera does not work").click()
    secret = "".join(page.locator(".steps .data span").all_inner_texts())
    assert secret == TotpDevice.objects.get(staff__email=email).secret
    give_code(page, pyotp.TOTP(secret).now())
    page.get_by_role("heading", name="Keep these recovery codes").wait_for()
    assert page.locator("[data-codes] li").count() == recovery_codes.COUNT

    page.get_by_role("link", name="I have kept them").click()
    desk.expect_path(page, "/desk/")
    expect(page.locator(".user-chip")).to_contain_text("Nia Newcomer")
    other = open_desk(None, invited.link.removeprefix(running_system.url))
    expect(other.get_by_role("heading", level=1)).to_have_text("This invitation no longer works")


def test_sign_out__from_the_menu__closes_the_desk_in_every_tab(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire())
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("[data-connection]")).to_have_attribute("data-state", "live")

    page.locator(".user-chip").click()
    page.get_by_role("button", name="Sign out").click()

    desk.expect_path(page, "/sign-in/")
    expect(other.locator("[data-banner]")).to_contain_text("Your session ended.", timeout=5_000)
