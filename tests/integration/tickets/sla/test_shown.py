"""What the desk says of service levels beside the clocks: the next promise of a reply, and a list that nothing is in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core import clock
from tests.cast import signed_in
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.factories.sla import MINUTE, UPDATE, policy
from tests.factories.tickets import MailboxFactory, answer, mail_ticket
from tickets.models import SlaClock
from tickets.selectors import sla_clocks
from tickets.services import status
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
Move = Callable[[timedelta], None]


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


def test_side_panel__a_promise_that_is_over__says_how_much_of_its_time_it_took(
    client: Client, admin: Staff, agent: Staff, move_time: Move
) -> None:
    policy(by=admin, targets={"first_response": {"normal": 30}, "resolution": {"normal": 90}})
    ticket = mail_ticket()
    move_time(12 * MINUTE)
    answer(ticket, "We look.", sender=Sender.of_staff(agent))
    shown = {one.metric: one.used_text for one in sla_clocks.of_ticket(ticket)}
    assert shown == {"first_response": "12 min of 30 min", "resolution": ""}
    page = signed_in(client, agent).get(f"/desk/tickets/{ticket.public_id}/").content.decode()
    assert "12 min of 30 min" in page


def test_portal__promised_update__is_told_while_it_runs_and_is_not_missed(
    client: Client, admin: Staff, agent: Staff, move_time: Move
) -> None:
    policy(by=admin, targets={"update_every": {"normal": 10}})
    MailboxFactory.create()
    mina = portal_customer()
    open_portal(client, mina)
    ticket = portal_ticket(mina)
    words = "You hear from us again by:"

    def page() -> str:
        response = client.get(reverse("portal:request", args=[ticket.public_id]))
        assert response.status_code == 200
        return str(response.content.decode())

    assert words not in page()
    answer(ticket, "We look.", sender=Sender.of_staff(agent))
    due = SlaClock.objects.open().get(ticket=ticket, metric="update_every").due_at
    assert due is not None
    assert f'{words} <time datetime="{due:%Y-%m-%dT%H:%M}' in page()
    status.move(ticket=ticket, to="on_hold", by=agent)
    assert words not in page()
    status.move(ticket=ticket, to="open", by=agent)
    assert words in page()
    move_time(10 * MINUTE)
    assert words not in page()


def test_due_first__nothing_in_it__does_not_promise_that_new_tickets_come_by_themselves(
    client: Client, agent: Staff
) -> None:
    page = signed_in(client, agent).get("/desk/views/due/").content.decode()
    assert "Nothing is due" in page
    assert "New ones appear by themselves" not in page
