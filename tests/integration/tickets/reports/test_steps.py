"""Steps of promises: the database writes down what comes about on a clock, and nobody changes it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Staff
from tests.factories.sla import FIRST, MINUTE, policy
from tests.factories.tickets import TopicFactory, mail_ticket
from tickets.models import SlaStep, Ticket
from tickets.services import properties, replies, sla_sweep, status
from tickets.services.senders import Sender

Move = Callable[[timedelta], None]
pytestmark = pytest.mark.django_db


def told(ticket: Ticket, metric: str) -> list[str]:
    return list(SlaStep.objects.filter(ticket=ticket, metric=metric).order_by("pk").values_list("what", flat=True))


def answer(ticket: Ticket, by: Staff) -> int:
    return replies.add(ticket=ticket, sender=Sender.of_staff(by), channel="email", words=replies.Words(text="Yes.")).seq


def test_steps__of_a_promise_that_is_kept__say_when_and_under_what(admin: Staff, agent: Staff) -> None:
    version = policy(by=admin)
    ticket = mail_ticket()
    answer(ticket, agent)
    assert told(ticket, "first_response") == ["begun", "kept"]
    kept = SlaStep.objects.get(ticket=ticket, metric="first_response", what="kept")
    assert (kept.version, kept.priority, kept.is_over, kept.is_missed) == (version, "normal", True, False)
    assert kept.clock.met_at == kept.at
    assert kept.recorded_at >= kept.at


def test_steps__of_a_promise_that_is_missed__are_at_the_moment_it_was_due(
    admin: Staff, agent: Staff, move_time: Move
) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    move_time((FIRST + 7) * MINUTE)
    sla_sweep.sweep()
    answer(ticket, agent)
    assert told(ticket, "first_response") == ["begun", "missed", "late"]
    missed = SlaStep.objects.get(ticket=ticket, metric="first_response", what="missed")
    assert (missed.at, missed.is_over) == (missed.clock.breached_at, False)
    assert missed.recorded_at - missed.at >= 7 * MINUTE


def test_steps__opened_again_and_updates__are_undone_and_kept_again(admin: Staff, agent: Staff) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    for _ in range(3):
        answer(ticket, agent)
    for to in ("resolved", "open", "resolved"):
        status.move(ticket=ticket, to=to, by=agent)
    assert told(ticket, "resolution") == ["begun", "kept", "undone", "kept"]
    # Two of three answers kept the promise of the one before; the last round ended with the case.
    assert told(ticket, "update_every") == ["begun", "kept", "kept", "ended", "begun", "ended"]


@pytest.mark.parametrize("statement", ["DELETE FROM tickets_slastep", "UPDATE tickets_slastep SET what = 'kept'"])
def test_steps__changed_by_the_application__are_refused(admin: Staff, statement: str) -> None:
    policy(by=admin)
    mail_ticket()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
