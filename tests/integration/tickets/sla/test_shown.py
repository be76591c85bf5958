"""What the desk says of service levels beside the clocks: the next promise of a reply, and a list that nothing is in."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Staff
from core import clock
from tests.cast import signed_in
from tests.factories.sla import MINUTE, UPDATE, policy
from tests.factories.tickets import mail_ticket
from tickets.selectors import sla_clocks

pytestmark = pytest.mark.django_db


def test_composer__policy_that_promises_updates__says_by_when_a_reply_promises_one(
    client: Client, admin: Staff, agent: Staff
) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    ticket.refresh_from_db()
    promised = sla_clocks.next_update(ticket)
    assert promised is not None
    assert abs(promised - clock.now() - UPDATE * MINUTE) < timedelta(minutes=1)
    page = signed_in(client, agent).get(f"/desk/tickets/{ticket.public_id}/").content.decode()
    assert "data-next-update" in page


def test_composer__policy_without_updates_or_no_policy__promises_nothing(
    client: Client, admin: Staff, agent: Staff
) -> None:
    before = mail_ticket()
    policy(by=admin, targets={"first_response": {"normal": 30}})
    after = mail_ticket()
    after.refresh_from_db()
    assert (before.sla_version, sla_clocks.next_update(before)) == (None, None)
    assert (after.sla_version is None, sla_clocks.next_update(after)) == (False, None)
    page = signed_in(client, agent).get(f"/desk/tickets/{after.public_id}/").content.decode()
    assert "data-next-update" not in page


def test_due_first__nothing_in_it__does_not_promise_that_new_tickets_come_by_themselves(
    client: Client, agent: Staff
) -> None:
    page = signed_in(client, agent).get("/desk/views/due/").content.decode()
    assert "Nothing is due" in page
    assert "New ones appear by themselves" not in page
