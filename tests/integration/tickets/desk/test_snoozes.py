"""Snoozed cases: out of their owner's queues, back by time, customer, colleague or hand; promises go on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Staff, Team
from core.clock import from_now, now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.sla import policy
from tests.factories.tickets import TopicFactory, answer, mail_ticket
from tickets.models import Snooze, Ticket
from tickets.selectors import assignment, queue
from tickets.selectors import snoozes as asleep
from tickets.services import errors, hand_overs, properties, snoozes, status


@pytest.fixture
def ticket(db: None, agent: Staff) -> Ticket:
    made = mail_ticket()
    properties.assign(ticket=made, to=agent, by=agent)
    return Ticket.objects.get(pk=made.pk)


def sleep(ticket: Ticket, by: Staff, reason: str = "") -> None:
    snoozes.put_to_sleep(ticket=ticket, until=now() + timedelta(days=2), by=by, reason=reason)


def places(person: Staff) -> set[str]:
    return {view for view, count in queue.counts(person).items() if count}


def test_sleep__takes_it_from_its_owner_alone_and_says_so(ticket: Ticket, agent: Staff, lead: Staff) -> None:
    assert places(agent) == {"mine", "open"}
    sleep(ticket, lead, "The bank answers on Monday, card 4111 1111 1111 1111")
    assert places(agent) == {"snoozed"}
    assert places(lead) == {"open"}
    row = Snooze.objects.get()
    assert row.owner == agent
    assert "4111" not in row.reason
    event = ticket.messages.get(event="snoozed")
    assert event.text == row.reason
    told = AuditEntry.objects.filter(object_id=ticket.public_id, action="ticket.snoozed").get()
    assert "bank" not in str(told.detail)


def test_sleep__ends_by_what_happens__and_says_why(ticket: Ticket, agent: Staff, lead: Staff) -> None:
    def woken() -> str:
        assert not Ticket.objects.get(pk=ticket.pk).is_snoozed
        return Snooze.objects.order_by("-pk").values_list("woken_by", flat=True)[0]

    sleep(ticket, agent)
    answer(ticket, "Any news?")
    assert woken() == "customer"
    sleep(ticket, agent)
    hand_overs.write(ticket=ticket, text="Please look.", by=lead, to=agent)
    assert woken() == "colleague"
    sleep(ticket, agent)
    properties.assign(ticket=ticket, to=lead, by=lead)
    assert woken() == "colleague"
    sleep(ticket, lead)
    snoozes.wake(ticket=ticket, by=agent)
    assert woken() == "hand"
    sleep(ticket, lead)
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=lead)
    status.move(ticket=ticket, to="resolved", by=lead)
    assert woken() == "done"
    with pytest.raises(snoozes.NothingToSnooze):
        sleep(ticket, lead)
    assert Snooze.objects.filter(ended_at__isnull=True).count() == 0


def test_sweep__wakes_what_is_due_once_and_nothing_else(ticket: Ticket, agent: Staff) -> None:
    other = mail_ticket(address="other@example.com")
    sleep(other, agent)
    began, over = from_now(-timedelta(hours=2)), from_now(-timedelta(hours=1))
    Snooze.objects.create(ticket=ticket, owner=agent, by=agent, started_at=began, until=over)
    Ticket.objects.filter(pk=ticket.pk).update(is_snoozed=True)
    assert (snoozes.sweep(), snoozes.sweep()) == (1, 0)
    assert ticket.messages.filter(event="woken").count() == 1
    assert Ticket.objects.get(pk=other.pk).is_snoozed
    assert places(agent) == {"mine", "open", "snoozed"}


def test_sleep__a_second_time__moves_the_end(ticket: Ticket, agent: Staff) -> None:
    sleep(ticket, agent)
    snoozes.put_to_sleep(ticket=ticket, until=now() + timedelta(hours=1), by=agent)
    assert Snooze.objects.count() == 2
    assert Snooze.objects.get(ended_at__isnull=True).until < now() + timedelta(hours=2)
    for until in (now() - timedelta(minutes=1), now() + timedelta(days=400)):
        with pytest.raises(snoozes.NoSuchTime):
            snoozes.put_to_sleep(ticket=ticket, until=until, by=agent)
    assert Snooze.objects.filter(ended_at__isnull=True).count() == 1


def test_sleep__under_a_policy__promises_go_on(db: None, agent: Staff, admin: Staff) -> None:
    policy(by=admin)
    case = mail_ticket()
    due = Ticket.objects.values_list("due_at", flat=True).get(pk=case.pk)
    assert due is not None
    sleep(case, agent)
    assert Ticket.objects.values_list("due_at", flat=True).get(pk=case.pk) == due


def test_sleep__of_nobodys_case__is_given_to_nobody_until_it_wakes(db: None, agent: Staff) -> None:
    team: Team = TeamFactory.create()
    case = mail_ticket(team=team)
    sleep(case, agent)
    assert not assignment.waiting(team.pk).exists()
    snoozes.wake(ticket=case, by=agent)
    assert assignment.waiting(team.pk).exists()


def test_presets__by_the_readers_wall_clock(db: None) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    with timezone.override(zone):
        evening, tomorrow, monday = (asleep.moment(code) for code in ("evening", "tomorrow", "monday"))
        chosen = asleep.moment("chosen", "2027-01-15T08:30")
        assert asleep.moment("chosen", "soon") is None
    assert evening
    assert tomorrow
    assert monday
    assert (evening.hour, tomorrow.hour, monday.hour, monday.weekday()) == (18, 9, 9, 0)
    assert chosen == datetime(2027, 1, 15, 8, 30, tzinfo=zone)
    today = now()
    assert all(today < one <= today + timedelta(days=8) for one in (evening, tomorrow, monday))


def test_doors__sleep_and_wake__show_it_in_the_head_and_the_view(client: Client, ticket: Ticket, agent: Staff) -> None:
    signed_in(client, agent)
    path = f"/desk/tickets/{ticket.public_id}"
    assert client.post(f"{path}/snooze/", {"preset": "chosen", "until": "2001-01-01T00:00"}).status_code == 422
    client.post(f"{path}/snooze/", {"preset": "tomorrow", "reason": "Waits for the bank"})
    head = client.get(f"{path}/?part=header").content.decode()
    assert "Asleep for Ada Agent, until" in head
    assert "Waits for the bank" in head
    listed = client.get("/desk/views/snoozed/").content.decode()
    assert f'data-row="{ticket.public_id}"' in listed
    assert "Wakes" in listed
    client.post(f"{path}/wake/")
    assert "Asleep" not in client.get(f"{path}/?part=header").content.decode()


def test_rights__who_may_not_change__puts_nothing_to_sleep(ticket: Ticket, auditor: Staff) -> None:
    with pytest.raises(errors.Refused):
        sleep(ticket, auditor)
    with pytest.raises(errors.Refused):
        snoozes.wake(ticket=ticket, by=auditor)


def test_database__one_sleep_at_a_time_and_an_end_with_a_reason(ticket: Ticket, agent: Staff) -> None:
    sleep(ticket, agent)
    with pytest.raises(DatabaseError), transaction.atomic():
        Snooze.objects.create(ticket=ticket, owner=agent, by=agent, until=now() + timedelta(hours=1))
    with pytest.raises(DatabaseError), transaction.atomic():
        Snooze.objects.update(ended_at=now())
