"""Doors of escalation: what waits for whom, acknowledging, the dry run, being on call, and a customer who escalates."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core import clock
from core.models import Notice
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.factories.escalation import chain, hook, owed, run_of, schedule, taken
from tests.factories.sla import FIRST, MINUTE, policy
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.escalation.conftest import Look
from tickets.models import (
    EscalationChain,
    EscalationHook,
    EscalationNotice,
    EscalationRequest,
    EscalationRun,
    OnCallOverride,
    OnCallSchedule,
    Ticket,
)
from tickets.services import errors, escalation_sweep, escalations, properties, status

BREACH = FIRST * MINUTE
HOUR = timedelta(hours=1)


@pytest.fixture
def paged(admin: Staff, ada: Staff, look: Look) -> Ticket:
    """A case of whose breach Ada was paged."""
    policy(by=admin, targets={"first_response": {"normal": 30}})
    chain({"action": "page", "staff": ada})
    ticket = mail_ticket()
    look(BREACH)
    return ticket


def test_page__of_whoever_was_told__shows_it_and_takes_the_acknowledgement(
    client: Client, paged: Ticket, ada: Staff, ben: Staff
) -> None:
    path = reverse("desk:escalation_acknowledge", args=[run_of(paged).public_id])
    page = signed_in(client, ben).get(reverse("desk:escalations")).content.decode()
    assert paged.subject not in page
    assert client.post(path).status_code == 404
    page = signed_in(client, ada).get(reverse("desk:escalations")).content.decode()
    assert paged.subject in page
    assert 'data-count="escalations">1<' in page
    side = client.get(reverse("desk:ticket", args=[paged.public_id]), {"part": "side"}).content.decode()
    assert path in side
    answer = client.post(path, {"next": "ticket"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:ticket", args=[paged.public_id]))
    page = client.get(reverse("desk:escalations")).content.decode()
    assert paged.subject not in page
    case = client.get(reverse("desk:ticket", args=[paged.public_id])).content.decode()
    assert "Escalation paged Ada." in case
    assert "Ada takes care of it: escalation stopped (Breaches)." in case
    # What was over before is said, and changes nothing.
    assert client.post(path).status_code == 302
    assert client.post(reverse("desk:escalation_acknowledge", args=["none"])).status_code == 404


def test_page__of_a_lead__shows_what_waits_for_others(client: Client, paged: Ticket, lead: Staff) -> None:
    page = signed_in(client, lead).get(reverse("desk:escalations")).content.decode()
    assert "Waiting for others" in page
    assert client.post(reverse("desk:escalation_acknowledge", args=[run_of(paged).public_id])).status_code == 302
    assert run_of(paged).acknowledged_by == lead


def test_page__of_a_ticket_moved_out_of_sight__shows_nothing(
    client: Client, paged: Ticket, ada: Staff, lead: Staff
) -> None:
    hidden = TeamFactory.create(slug="fraud", name="Fraud", is_restricted=True)
    assert signed_in(client, ada).get(reverse("desk:counts")).json()["counts"]["escalations"] == "1"
    properties.move_to_team(ticket=paged, to=hidden, by=lead)
    assert client.get(reverse("desk:counts")).json()["counts"]["escalations"] == "0"
    page = client.get(reverse("desk:escalations")).content.decode()
    assert paged.subject not in page
    assert client.post(reverse("desk:escalation_acknowledge", args=[run_of(paged).public_id])).status_code == 404


def test_storm__acknowledged_at_its_door__is_all_of_it(client: Client, admin: Staff, ada: Staff, look: Look) -> None:
    policy(by=admin, targets={"first_response": {"normal": 30}})
    chain({"action": "page", "staff": ada}, storm_limit=2)
    for number in range(4):
        mail_ticket(address=f"{number}@example.com")
    look(BREACH)
    look(timedelta(seconds=20))
    page = signed_in(client, ada).get(reverse("desk:escalations")).content.decode()
    assert "4 of 4 still wait" in page
    storm = EscalationRun.objects.earliest("pk").storm
    assert storm is not None
    path = reverse("desk:storm_acknowledge", args=[storm.public_id])
    assert client.post(path).status_code == 302
    assert EscalationRun.objects.filter(acknowledged_by=ada).count() == 4
    assert client.post(path).status_code == 404


def test_dry_run__of_a_chain__says_when_and_to_whom_and_writes_nothing(
    client: Client, ada: Staff, ben: Staff, lead: Staff
) -> None:
    ben.quiet_from, ben.quiet_until = clock.now().replace(hour=10).time(), clock.now().replace(hour=14).time()
    ben.save(update_fields=["quiet_from", "quiet_until"])
    chain(
        {"action": "page", "staff": ada, "after": "warned"},
        {"action": "mail", "staff": ben, "after": "breached", "minutes": 5},
        {"action": "on_call", "schedule": schedule(), "after": "previous", "minutes": 10},
        {"action": "hook", "hook": hook(), "after": "previous", "minutes": 30},
        {"action": "priority", "priority": "urgent"},
        metrics=["resolution"],
    )
    wish = {"priority": "normal", "team": "", "metric": "resolution", "ticket": "", "go": "1"}
    wish |= {"warned": "2026-06-01T11:00", "breached": "2026-06-01T11:30"}
    path = reverse("desk:escalation_try")
    assert signed_in(client, ada).get(path).status_code == 403
    page = signed_in(client, lead).get(path, wish).content.decode()
    for text in (
        "1. Page Ada",
        "2. Mail Ben",
        "Held for quiet hours until",
        "nobody would be told",
        "4. Tell Operations",
    ):
        assert text in page
    assert "5. Raise the priority: Urgent" in page
    assert "No chain fits." in client.get(path, wish | {"metric": "next_response"}).content.decode()
    ticket = mail_ticket()
    assert f"· #{ticket.number}" in client.get(path, wish | {"ticket": str(ticket.number)}).content.decode()
    assert "There is no such ticket." in client.get(path, wish | {"ticket": "999999"}).content.decode()
    for wrong in ({"warned": "soon"}, {"priority": "shout"}, {"ticket": "x"}, {"team": "nobody"}):
        assert client.get(path, wish | wrong).status_code == 200
    assert not EscalationRun.objects.exists()
    assert not EscalationNotice.objects.exists()
    assert not Notice.objects.filter(kind="escalation").exists()


def test_on_call__page_and_doors__let_people_ask_and_answer(
    client: Client, ada: Staff, ben: Staff, lead: Staff
) -> None:
    made = schedule(ada)
    page = signed_in(client, ada).get(reverse("desk:on_call")).content.decode()
    assert "On call now: Ada" in page
    path = reverse("desk:on_call_stand_in", args=[made.public_id])
    data = {"staff": ben.public_id, "starts": "2030-01-07T09:00", "ends": "2030-01-07T17:00"}
    for wrong in ({}, data | {"ends": "2030-01-07T08:00"}, data | {"staff": "nobody"}):
        assert client.post(path, wrong).status_code == 302
    assert not OnCallOverride.objects.exists()
    client.post(path, data)
    row = OnCallOverride.objects.get()
    answer = reverse("desk:on_call_answer", args=[row.public_id])
    client.post(answer, {"answer": "agree"})
    row.refresh_from_db()
    assert row.state == "asked"
    assert "Agree" in signed_in(client, ben).get(reverse("desk:on_call")).content.decode()
    client.post(answer, {"answer": "agree"})
    row.refresh_from_db()
    assert row.state == "standing"
    client.post(reverse("desk:on_call_cancel", args=[row.public_id]))
    row.refresh_from_db()
    assert row.state == "standing"
    signed_in(client, lead).post(reverse("desk:on_call_cancel", args=[row.public_id]))
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert client.post(answer).status_code == 404


def test_quiet_hours__set_and_cleared__are_the_persons_own(client: Client, ada: Staff) -> None:
    path = reverse("desk:quiet_hours")
    signed_in(client, ada).post(path, {"quiet_from": "22:00", "quiet_until": "07:00"})
    ada.refresh_from_db()
    assert (ada.quiet_from, ada.quiet_until) != (None, None)
    client.post(path, {"quiet_from": "22:00", "quiet_until": ""})
    ada.refresh_from_db()
    assert ada.quiet_until is not None
    client.post(path, {"quiet_from": "", "quiet_until": ""})
    ada.refresh_from_db()
    assert not Staff.objects.filter(pk=ada.pk, quiet_from__isnull=False).exists()


def test_customer__who_escalates_with_a_reason__begins_the_chain_once_in_a_day(
    client: Client, ada: Staff, look: Look
) -> None:
    chain({"action": "page", "staff": ada}, takes_customers=True)
    who = portal_customer("acc-urgent", "urgent@example.com")
    ticket = portal_ticket(who)
    open_portal(client, who)
    page = reverse("portal:request", args=[ticket.public_id])
    path = reverse("portal:escalate", args=[ticket.public_id])
    assert "This cannot wait" in client.get(page).content.decode()
    assert client.post(path, {"reason": "  "}).status_code == 422
    reason = "My rent is due. Card 4111 1111 1111 1111."
    assert client.post(path, {"reason": reason}).status_code == 302
    look()
    assert owed() == [("Ada", "sent")]
    event = ticket.messages.get(event="escalation_asked")
    assert "My rent is due." in event.text
    assert "4111 1111" not in event.text
    assert "This cannot wait" not in client.get(page).content.decode()
    assert client.post(path, {"reason": reason}).status_code == 422
    with pytest.raises(escalations.NotEscalated):
        escalations.ask(ticket=ticket, customer=who, reason="Now.")
    look(timedelta(hours=25))
    assert escalations.ask(ticket=ticket, customer=who, reason="Still.") is False
    assert EscalationRequest.objects.count() == 2
    assert EscalationRun.objects.count() == 1
    # No event of ours is ever among what the customer sees.
    assert "Escalation paged" not in client.get(page).content.decode()


def test_customer__with_anothers_or_a_solved_request__is_refused(
    client: Client, ada: Staff, topic_set: Any, agent: Staff
) -> None:
    who, other = portal_customer("acc-a", "a@example.com"), portal_customer("acc-b", "b@example.com")
    ticket = portal_ticket(other)
    open_portal(client, who)
    assert client.post(reverse("portal:escalate", args=[ticket.public_id]), {"reason": "Now."}).status_code == 404
    with pytest.raises(errors.Refused):
        escalations.ask(ticket=ticket, customer=who, reason="Now.")
    topic_set(ticket)
    status.move(ticket=ticket, to="resolved", by=agent)
    with pytest.raises(escalations.NotEscalated):
        escalations.ask(ticket=ticket, customer=other, reason="Now.")
    assert not EscalationRequest.objects.exists()


@pytest.fixture
def topic_set(agent: Staff) -> Any:
    """A function that gives a ticket its topic."""
    from tests.factories.tickets import TopicFactory

    return lambda ticket: properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)


def test_customer__eight_times_at_once__escalates_once(clone_db: str, race: Any) -> None:
    who = portal_customer("acc-urgent", "urgent@example.com")
    ticket = portal_ticket(who)
    outcomes = race(*[lambda: escalations.ask(ticket=ticket, customer=who, reason="Now.")] * 8)
    assert sum(isinstance(one, escalations.NotEscalated) for one in outcomes) == 7
    assert EscalationRequest.objects.count() == 1


def test_admin__of_chains_places_and_schedules__validates_and_keeps_secrets(
    client: Client, admin: Staff, auditor: Staff, ada: Staff
) -> None:
    signed_in(client, admin)
    base = {"name": "All", "position": "1", "time_zone": "UTC", "storm_limit": "10"}
    step = {"steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "0", "steps-0-position": "1", "steps-0-minutes": "0"}
    step |= {"steps-0-after": "breached", "steps-0-action": "page"}
    path = reverse("admin:tickets_escalationchain_add")
    page = client.post(path, base | step).content.decode()
    assert "Name exactly whom the step is for" in page
    for wrong in ({"time_zone": "Mars/Base"}, {"quiet_from": "22:00"}, {"storm_limit": "0"}):
        assert client.post(path, base | step | {"steps-0-staff": str(ada.pk)} | wrong).status_code == 200
    assert not EscalationChain.objects.exists()
    assert client.post(path, base | step | {"steps-0-staff": str(ada.pk), "metrics": ["resolution"]}).status_code == 302
    made = EscalationChain.objects.get()
    assert (made.metrics, made.steps.get().staff) == (["resolution"], ada)
    path = reverse("admin:tickets_escalationhook_add")
    place = {"name": "Ops", "url": "http://hooks.example/x", "format": "json", "secret": "known-key"}
    assert client.post(path, place).status_code == 200
    assert client.post(path, place | {"url": "https://hooks.example/x"}).status_code == 302
    row = EscalationHook.objects.get()
    change = reverse("admin:tickets_escalationhook_change", args=[row.pk])
    assert "known-key" not in client.get(change).content.decode()
    client.post(change, {"name": "Ops 2", "url": "https://hooks.example/x", "format": "json", "secret": ""})
    row.refresh_from_db()
    assert (row.name, row.secret) == ("Ops 2", "known-key")
    looked = signed_in(client, auditor).get(change).content.decode()
    assert "known-key" not in looked
    assert "hooks.example" not in looked
    signed_in(client, admin)
    rota = {"name": "First", "time_zone": "Europe/Berlin", "begins_on": "2026-01-01", "hands_over_at": "09:00"}
    people = {"participants-TOTAL_FORMS": "1", "participants-INITIAL_FORMS": "0", "participants-0-position": "1"}
    path = reverse("admin:tickets_oncallschedule_add")
    assert client.post(path, rota | people | {"turn_days": "0", "participants-0-staff": str(ada.pk)}).status_code == 200
    assert client.post(path, rota | people | {"turn_days": "7", "participants-0-staff": str(ada.pk)}).status_code == 302
    assert OnCallSchedule.objects.get().participants.get().staff == ada


def test_sweep__of_a_customers_run_on_a_ticket_that_is_solved__tells_nobody(
    ada: Staff, ben: Staff, look: Look, agent: Staff, topic_set: Any
) -> None:
    chain(
        {"action": "page", "staff": ada},
        {"action": "page", "staff": ben, "after": "previous", "minutes": 10},
        takes_customers=True,
    )
    who = portal_customer("acc-urgent", "urgent@example.com")
    ticket = portal_ticket(who)
    assert escalations.ask(ticket=ticket, customer=who, reason="Now.")
    look()
    topic_set(ticket)
    status.move(ticket=ticket, to="resolved", by=agent)
    assert not EscalationRun.objects.waiting().exists()
    look(11 * MINUTE)
    assert (owed(), taken(ticket)) == ([("Ada", "sent")], [("page", "done")])
    assert escalation_sweep.sweep() == 0
