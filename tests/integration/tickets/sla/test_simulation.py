"""Simulation: a draft on past cases comes to what its clocks would have come to, and writes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.sla import MINUTE, draft, policy, same_for_all
from tests.factories.tickets import mail_ticket
from tickets.models import SlaClock, Ticket
from tickets.selectors import sla_simulation
from tickets.services import replies, status
from tickets.services.senders import Sender

Move = Callable[[timedelta], None]
pytestmark = pytest.mark.django_db


def answered(by: Staff, move: Move, *, after: timedelta, address: str) -> Ticket:
    ticket = mail_ticket(address=address)
    move(after)
    sender = Sender.of_staff(by)
    replies.add(ticket=ticket, sender=sender, channel="email", words=replies.Words(text="Yes."), then_status="pending")
    return ticket


def outcomes(**minutes: int) -> dict[str, tuple[int, int, int]]:
    found = sla_simulation.of(draft("Other", targets=same_for_all(minutes)))
    return {one.metric: (one.kept, one.missed, one.open) for one in found.outcomes}


def test_of__past_cases__tells_what_would_have_been(admin: Staff, move_time: Move) -> None:
    answered(admin, move_time, after=10 * MINUTE, address="quick@example.com")
    answered(admin, move_time, after=50 * MINUTE, address="slow@example.com")
    mail_ticket(address="waits@example.com")
    assert outcomes(first_response=30, resolution=20) == {"first_response": (1, 1, 1), "resolution": (0, 1, 2)}
    assert not SlaClock.objects.exists()


def test_of__the_policy_that_held__comes_to_what_its_clocks_came_to(admin: Staff, move_time: Move) -> None:
    policy(by=admin, targets=same_for_all({"first_response": 30, "next_response": 60, "resolution": 45}))
    for number, minutes in enumerate((5, 29, 31, 90)):
        ticket = answered(admin, move_time, after=minutes * MINUTE, address=f"{number}@example.com")
        move_time(200 * MINUTE)
        status.move(ticket=ticket, to="open", by=admin)
    simulated = outcomes(first_response=30, next_response=60, resolution=45)
    for metric in ("first_response", "resolution"):
        rows = SlaClock.objects.filter(metric=metric)
        kept = rows.filter(met_at__isnull=False, breached_at__isnull=True).count()
        missed = rows.filter(breached_at__isnull=False).count()
        # What is overdue but not swept yet is missed all the same.
        assert simulated[metric][0] == kept
        assert simulated[metric][1] >= missed


def test_action__one_draft__shows_the_outcome(admin: Staff, move_time: Move, client: Client) -> None:
    answered(admin, move_time, after=10 * MINUTE, address="quick@example.com")
    version = draft("Other", targets=same_for_all({"first_response": 30}))
    data = {"action": "simulate", "_selected_action": [str(version.pk)]}
    shown = signed_in(client, admin).post("/admin/tickets/slapolicyversion/", data)
    assert shown.status_code == 200
    assert "On 1 ticket of the last 30 days" in shown.content.decode()
