"""Runs: begun with a warning or a breach, climbed, acknowledged, ended; each step once, whoever sweeps, however late."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff
from core import clock
from core.models import AuditEntry, Notice
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.escalation import chain, owed, run_of, taken
from tests.factories.sla import FIRST, MINUTE, policy
from tests.factories.tickets import TopicFactory, mail_ticket
from tests.integration.tickets.escalation.conftest import Look
from tests.support.race import run_together
from tickets.models import EscalationNotice, EscalationRun, EscalationStepRecord, SlaClock
from tickets.services import escalation_sweep, escalations, properties, replies, sla_sweep, status
from tickets.services.senders import Sender

Move = Callable[[timedelta], None]
SECONDS = timedelta(seconds=10)


def page(person: Staff, minutes: int = 0, after: str = "breached", **more: Any) -> dict[str, Any]:
    return {"action": "page", "staff": person, "minutes": minutes, "after": after} | more


def test_run__warning_breach_and_silence__climbs_step_by_step(admin: Staff, ada: Staff, ben: Staff, look: Look) -> None:
    policy(by=admin)
    chain(page(ada, after="warned"), page(ben), page(admin, 15, "previous"))
    ticket = mail_ticket()
    look(23 * MINUTE)
    assert owed() == [("Ada", "sent")]
    look(MINUTE)
    assert owed() == [("Ada", "sent")]
    look(7 * MINUTE)
    assert owed() == [("Ada", "sent"), ("Ben", "sent")]
    look(14 * MINUTE)
    assert len(owed()) == 2
    look(MINUTE + SECONDS)
    assert owed()[2] == (admin.name, "sent")
    run = run_of(ticket)
    assert (run.state, run.fires_at, run.next_step) == ("done", None, 3)
    assert taken(ticket) == [("page", "done")] * 3
    assert AuditEntry.objects.filter(action="ticket.escalation_step", object_id=ticket.public_id).count() == 3


def test_run__acknowledged__takes_no_further_step_and_begins_no_more(
    admin: Staff, ada: Staff, ben: Staff, look: Look
) -> None:
    policy(by=admin)
    chain(page(ada, after="warned"), page(ben, 5, "previous"))
    ticket = mail_ticket()
    look(23 * MINUTE)
    with pytest.raises(escalations.NotYoursToAcknowledge):
        escalations.acknowledge(run=run_of(ticket), by=ben)
    assert escalations.acknowledge(run=run_of(ticket), by=ada)
    assert not escalations.acknowledge(run=run_of(ticket), by=ada)
    look(60 * MINUTE)
    assert owed() == [("Ada", "sent")]
    run = run_of(ticket)
    assert (run.state, run.acknowledged_by) == ("acknowledged", ada)
    event = ticket.messages.get(event="escalation_acknowledged")
    assert event.staff == ada
    assert AuditEntry.objects.get(action="ticket.escalation_acknowledged").actor_id == ada.public_id


def test_run__lead_who_was_not_told__may_acknowledge(admin: Staff, ada: Staff, lead: Staff, look: Look) -> None:
    policy(by=admin)
    chain(page(ada))
    ticket = mail_ticket()
    look(31 * MINUTE)
    assert escalations.acknowledge(run=run_of(ticket), by=lead)


def test_run__answered_in_time__is_cancelled(admin: Staff, ada: Staff, ben: Staff, look: Look) -> None:
    policy(by=admin)
    chain(page(ada, after="warned"), page(ben))
    ticket = mail_ticket()
    look(23 * MINUTE)
    words = replies.Words(text="We are on it.")
    replies.add(ticket=ticket, sender=Sender.of_staff(ada), channel="email", words=words)
    assert run_of(ticket).state == "cancelled"
    look(20 * MINUTE)
    assert taken(ticket) == [("page", "done")]
    assert ticket.messages.filter(event="escalation_ended").count() == 1


@pytest.mark.parametrize("metric", ["resolution", "first_response"], ids=["met", "ended"])
def test_run__resolved__takes_no_further_step(admin: Staff, ada: Staff, look: Look, metric: str) -> None:
    policy(by=admin, targets={metric: {"normal": 30}})
    chain(page(ada), page(admin, 10, "previous"))
    ticket = mail_ticket(topic=TopicFactory.create())
    look(31 * MINUTE)
    status.move(ticket=ticket, to="resolved", by=ada)
    look(60 * MINUTE)
    assert run_of(ticket).state == "cancelled"
    assert owed() == [("Ada", "sent")]


def test_run__chain_changed_meanwhile__keeps_the_steps_it_began_with(
    admin: Staff, ada: Staff, ben: Staff, look: Look
) -> None:
    policy(by=admin)
    made = chain(page(ada, after="warned"), page(ben, 5, "previous"))
    ticket = mail_ticket()
    look(23 * MINUTE)
    made.steps.all().delete()
    made.is_active = False
    made.save(update_fields=["is_active"])
    look(6 * MINUTE)
    assert owed() == [("Ada", "sent"), ("Ben", "sent")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_column_privilege('pharos_app', 'tickets_escalationrun', 'steps', 'UPDATE')")
        assert cursor.fetchone() == (False,)
    assert run_of(ticket).state == "done"


def test_run__away_for_an_hour__takes_each_step_once_and_in_order(
    admin: Staff, ada: Staff, ben: Staff, lead: Staff, look: Look, move_time: Move
) -> None:
    policy(by=admin)
    chain(page(ada, after="warned"), page(ben), page(lead, 15, "previous"))
    ticket = mail_ticket()
    move_time(90 * MINUTE)
    look()
    # One at a time: whoever is told gets the time to answer, before the next is.
    assert owed() == [("Ada", "sent")]
    look(SECONDS)
    assert owed() == [("Ada", "sent"), ("Ben", "sent")]
    for _look in range(5):
        look(SECONDS)
    assert len(owed()) == 2
    look(15 * MINUTE)
    assert len(owed()) == 3
    records = EscalationStepRecord.objects.filter(run=run_of(ticket))
    assert list(records.order_by("taken_at").values_list("position", flat=True)) == [0, 1, 2]


def test_run__same_step_written_twice__is_refused_by_the_database(admin: Staff, ada: Staff, look: Look) -> None:
    policy(by=admin)
    chain(page(ada))
    ticket = mail_ticket()
    look(31 * MINUTE)
    run = run_of(ticket)
    record = {"run": run, "position": 0, "action": "page", "outcome": "done", "due_at": run.started_at}
    with pytest.raises(IntegrityError, match="tickets_escalationsteprecord_once"), transaction.atomic():
        EscalationStepRecord.objects.create(**record)
    more: dict[str, Any] = {"ticket": ticket, "clock": run.clock, "chain": run.chain, "cause": "breached", "steps": []}
    with pytest.raises(IntegrityError, match="tickets_escalationrun_one_of_clock"), transaction.atomic():
        EscalationRun.objects.create(**more)


@pytest.mark.usefixtures("clone_db")
def test_sweep__several_at_once__take_each_step_once(admin: Staff, ada: Staff, move_time: Move) -> None:
    policy(by=admin, targets={"first_response": {"normal": 30}})
    chain({"action": "mail", "staff": ada}, page(ada), storm_limit=100)
    tickets = [mail_ticket(address=f"{number}@example.com") for number in range(10)]
    move_time(31 * MINUTE)
    run_together(*[sla_sweep.sweep] * 3)
    sla_sweep.sweep()
    for _round in range(3):
        outcomes = run_together(*[escalation_sweep.sweep] * 4)
        assert not [one for one in outcomes if isinstance(one, Exception)]
        move_time(SECONDS)
    for ticket in tickets:
        assert taken(ticket) == [("mail", "done"), ("page", "done")]
    assert Notice.objects.filter(kind="escalation", to_address=ada.email).count() == 10
    assert EscalationNotice.objects.filter(state="sent").count() == 20


def test_sweep__one_step_that_fails__lets_the_next_go_on(admin: Staff, ada: Staff, ben: Staff, look: Look) -> None:
    policy(by=admin)
    made = chain(page(ada), page(ben))
    ticket = mail_ticket()
    # A step of a version to come, which this one does not know how to take.
    kept = [step.plain().kept() for step in made.steps.all()]
    kept[0]["staff"] = "nobody"
    at = clock.now()
    more: dict[str, Any] = {"clock": SlaClock.objects.get(metric="resolution"), "cause": "breached", "steps": kept}
    EscalationRun.objects.create(ticket=ticket, chain=made, fires_at=at, breached_at=at, **more)
    look()
    look(SECONDS)
    assert taken(ticket) == [("page", "failed"), ("page", "done")]
    assert owed() == [("Ben", "sent")]


def test_run__of_a_restricted_team__tells_only_who_may_see_it(
    admin: Staff, ada: Staff, lead: Staff, look: Look
) -> None:
    policy(by=admin)
    team = TeamFactory.create(slug="fraud", name="Fraud", is_restricted=True)
    chain(page(ada), page(lead, 30, "previous"))
    ticket = mail_ticket(team=team)
    look(31 * MINUTE)
    # Nobody was told by the first step: the second does not wait for an answer.
    look(SECONDS)
    assert owed() == [(lead.name, "sent")]
    assert taken(ticket) == [("page", "skipped"), ("page", "done")]


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"metrics": ["resolution"]}, False),
        ({"metrics": ["first_response"]}, True),
        ({"priorities": ["urgent"]}, False),
        ({"priorities": ["normal"]}, True),
        ({"is_active": False}, False),
        ({"teams": [0]}, False),
        ({"policies": [0]}, False),
    ],
)
def test_heard__of_a_breach__begins_the_chain_that_fits(
    admin: Staff, ada: Staff, look: Look, conditions: dict[str, Any], fits: bool
) -> None:
    policy(by=admin)
    chain(page(ada), **conditions)
    mail_ticket()
    look(FIRST * MINUTE)
    assert EscalationRun.objects.exists() is fits


def test_sweep__nothing_due_and_no_chain__costs_one_statement_however_much_is_missed(
    admin: Staff, ada: Staff, move_time: Move
) -> None:
    policy(by=admin)

    def cost(tickets: int) -> int:
        for number in range(tickets):
            mail_ticket(address=f"{tickets}-{number}@example.com")
        move_time(FIRST * MINUTE)
        with CaptureQueriesContext(connection) as seen:
            sla_sweep.sweep()
        return sum("tickets_escalation" in one["sql"] for one in seen.captured_queries)

    assert (cost(1), cost(5)) == (1, 1)
    with CaptureQueriesContext(connection) as seen:
        escalation_sweep.sweep()
    assert len(seen.captured_queries) == 1


def test_answer__promise_kept_in_good_time__costs_nothing(admin: Staff, ada: Staff) -> None:
    policy(by=admin)
    chain(page(ada))
    ticket = mail_ticket()
    with CaptureQueriesContext(connection) as seen:
        replies.add(ticket=ticket, sender=Sender.of_staff(ada), channel="email", words=replies.Words(text="Here."))
    assert not [one for one in seen.captured_queries if "tickets_escalation" in one["sql"]]
    assert ticket.messages.filter(kind="reply").count() == 2


def test_update_every__kept_and_missed_again__begins_anew(admin: Staff, ada: Staff, look: Look) -> None:
    policy(by=admin, targets={"update_every": {"normal": 60}})
    chain(page(ada, after="warned"))
    ticket = mail_ticket()
    for round_ in (1, 2):
        replies.add(ticket=ticket, sender=Sender.of_staff(ada), channel="email", words=replies.Words(text="Working."))
        look(50 * MINUTE)
        assert len(owed()) == round_
    assert sorted(EscalationRun.objects.values_list("state", flat=True)) == ["cancelled", "done"]


def test_priority_raised_by_hand__while_a_run_goes_on__ends_nothing_that_still_holds(
    admin: Staff, ada: Staff, look: Look
) -> None:
    policy(by=admin)
    chain(page(ada, after="warned"), page(admin))
    ticket = mail_ticket()
    look(23 * MINUTE)
    properties.set_priority(ticket=ticket, to="high", by=ada)
    look(8 * MINUTE)
    assert [name for name, _state in owed()] == ["Ada", admin.name]


def test_sweep__run_that_cannot_be_read__keeps_no_other_from_its_turn(
    admin: Staff, ada: Staff, ben: Staff, look: Look
) -> None:
    policy(by=admin)
    made = chain(page(ben))
    bad, good = mail_ticket(address="bad@example.com"), mail_ticket(address="good@example.com")
    at = clock.now()
    more: dict[str, Any] = {"chain": made, "cause": "breached", "fires_at": at, "breached_at": at}
    kept = [{"action": "page", "of a version": "to come"}]
    for ticket, steps in ((bad, kept), (good, [step.plain().kept() for step in made.steps.all()])):
        promise = SlaClock.objects.get(metric="resolution", ticket=ticket)
        EscalationRun.objects.create(ticket=ticket, clock=promise, steps=steps, **more)
    look()
    assert owed() == [("Ben", "sent")]
    assert (run_of(bad).state, run_of(good).state) == ("running", "done")
    # Somebody can still take care of it.
    assert escalations.acknowledge(run=run_of(bad), by=_lead())


def _lead() -> Staff:
    found: Staff = StaffFactory.create(name="Lea", role="lead")
    return found
