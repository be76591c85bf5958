"""The pages of the policy in a browser: proposing by passkey, and that they fit and have no violation."""

import pytest
from playwright.sync_api import expect

from security.models import FundPolicyChange
from tests.browser.conftest import Hire, OpenDesk
from tests.browser.test_fund_actions import enrol, looks_right, team

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_policy__proposed_by_passkey__waits_for_the_second_person(hire: Hire, open_desk: OpenDesk) -> None:
    lead = hire("Lin Lead", "lead")
    team(lead)
    page = open_desk(lead, "/desk/policy/")
    enrol(page, lead)
    page.get_by_role("link", name="Propose a change").click()
    looks_right(page)
    page.get_by_label("Kind of action").select_option("refund")
    page.get_by_label("Asset").fill("btc")
    page.get_by_role("button", name="Check and continue").click()
    expect(page.locator("dialog:modal")).to_contain_text("BTC")
    page.get_by_role("button", name="Propose, with my passkey").click()

    expect(page.get_by_text("Waits for a second person of another team").first).to_be_visible()
    assert FundPolicyChange.objects.filter(proposer=lead, asset="BTC").exists()
    looks_right(page)


@pytest.mark.parametrize(
    ("path", "words"), [("/desk/policy/", "资金相关操作的策略"), ("/desk/policy/new/", "提议更改")]
)
def test_pages__in_chinese__have_no_violation_and_fit(hire: Hire, open_desk: OpenDesk, path: str, words: str) -> None:
    page = open_desk(hire("Lin Lead", "lead", locale="zh-hans"), path)
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    looks_right(page)
