"""The desk's pages of manual review in a real browser: no violation in both themes, nothing sticks out at 390 px."""

import pytest

from tests.browser import axe
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.customers import portal_customer, portal_ticket

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


def test_reviews__list_and_start__have_no_violation_and_fit_a_phone(hire: Hire, open_desk: OpenDesk) -> None:
    ticket = portal_ticket(portal_customer("acc-review", "review@example.com"))
    page = open_desk(hire("Ana Agent", "agent"), "/desk/reviews/")
    site = page.url.replace("/desk/reviews/", "")
    for path in ("/desk/reviews/", f"/desk/reviews/new/?ticket={ticket.public_id}"):
        page.goto(f"{site}{path}")
        assert axe.violations(page) == [], path
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert axe.violations(page) == [], path
        page.set_viewport_size({"width": 1440, "height": 900})
