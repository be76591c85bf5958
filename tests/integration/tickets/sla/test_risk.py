"""A risk that rises while a ticket is open: from then on it goes by the policy for customers at risk."""

from datetime import timedelta

import pytest

from accounts.models import Customer, Staff
from security.models import ExchangeEvent
from security.services import exchange_events
from tests.factories.customers import portal_customer, portal_ticket
from tests.factories.sla import policy, same_for_all
from tests.factories.tickets import MailboxFactory, TopicFactory, mail_ticket
from tests.integration.security.test_exchange_events import sent
from tests.support.small_exchange import SmallExchange
from tickets.models import SlaClock, Ticket
from tickets.services import status


@pytest.fixture
def mina(clone_db: str, exchange: SmallExchange) -> Customer:
    MailboxFactory.create()
    return portal_customer()


def signalled(exchange: SmallExchange) -> None:
    assert sent(exchange, exchange.event(data={"device_id": "dev_9"})).status_code == 202
    exchange_events.handle(pk=ExchangeEvent.objects.latest("pk").pk)


def targets(ticket: Ticket) -> set[timedelta]:
    return set(SlaClock.objects.open().filter(ticket=ticket).values_list("target", flat=True))


def test_signal__open_tickets_of_this_customer__go_by_the_policy_for_customers_at_risk(
    mina: Customer, exchange: SmallExchange, admin: Staff
) -> None:
    policy(by=admin, targets=same_for_all({"resolution": 480}))
    policy("At risk", by=admin, is_risk_raised=True, position=1, targets=same_for_all({"resolution": 60}))
    ours, done, other = portal_ticket(mina), portal_ticket(mina, subject="Done"), mail_ticket(address="b@example.com")
    Ticket.objects.filter(pk=done.pk).update(topic=TopicFactory.create())
    status.move(ticket=done, to="resolved", by=admin)
    assert targets(ours) == targets(other) == {timedelta(hours=8)}
    signalled(exchange)
    assert (targets(ours), targets(other)) == ({timedelta(hours=1)}, {timedelta(hours=8)})
    ours.refresh_from_db()
    assert ours.due_at == SlaClock.objects.open().get(ticket=ours).due_at
    assert set(SlaClock.objects.filter(ticket=done).values_list("target", flat=True)) == {timedelta(hours=8)}


def test_signal__no_policy_before__begins_the_clocks(mina: Customer, exchange: SmallExchange, admin: Staff) -> None:
    policy(by=admin, is_risk_raised=True, targets=same_for_all({"first_response": 30}))
    ticket = portal_ticket(mina)
    assert targets(ticket) == set()
    signalled(exchange)
    assert targets(ticket) == {timedelta(minutes=30)}
