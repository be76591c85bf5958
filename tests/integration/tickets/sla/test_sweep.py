"""The sweep: each warning and breach once, whoever sweeps, however late, whatever the clock does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.models import Staff
from core.models import AuditEntry
from tests.factories.sla import FIRST, MINUTE, RESOLUTION, policy, told
from tests.factories.tickets import mail_ticket
from tests.support.race import run_together
from tickets.models import SlaCalendar, SlaClock, Ticket
from tickets.services import sla_clocks, sla_policies, sla_sweep, timeline

Move = Callable[[timedelta], None]
HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_sweep__before_anything_is_due__tells_nothing(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    move_time(20 * MINUTE)
    assert sla_sweep.sweep() == 0
    assert told(ticket) == []


@pytest.mark.django_db
def test_sweep__warning_and_breach__are_told_once_each_at_their_moments(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    for by in (23 * MINUTE, MINUTE, 7 * MINUTE, MINUTE):
        move_time(by)
        sla_sweep.sweep()
    assert told(ticket) == [("warned", "first_response"), ("breached", "first_response")]
    row = SlaClock.objects.get(metric="first_response")
    assert (row.warned_at, row.breached_at) == (row.started_at + 22.5 * MINUTE, row.started_at + FIRST * MINUTE)
    assert (row.fires_at, row.due_at) == (None, row.breached_at)
    ticket.refresh_from_db()
    assert (ticket.due_at, ticket.due_metric) == (row.breached_at, "first_response")
    assert AuditEntry.objects.filter(action="ticket.sla_breached", object_id=ticket.public_id).count() == 1


@pytest.mark.django_db
def test_sweep__away_for_hours__catches_up_with_breaches_alone(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    move_time(9 * HOUR)
    assert sla_sweep.sweep() == 2
    assert told(ticket) == [("breached", "first_response"), ("breached", "resolution")]
    assert sla_sweep.sweep() == 0


@pytest.mark.django_db
def test_sweep__clock_set_forward_and_back__tells_nothing_twice(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    for by in (HOUR, -HOUR, HOUR, -2 * HOUR, 2 * HOUR):
        move_time(by)
        sla_sweep.sweep()
    assert told(ticket) == [("breached", "first_response")]


@pytest.mark.django_db
def test_sweep__calendar_changed__moves_the_deadline_of_what_runs(admin: Staff) -> None:
    office = SlaCalendar.objects.create(name="Office", is_always=True)
    policy(by=admin, calendar=office)
    ticket = mail_ticket()
    before = SlaClock.objects.get(metric="resolution")
    # An hour a day: eight hours take a week and more.
    SlaCalendar.objects.filter(pk=office.pk).update(is_always=False, weekly="mon-sun 09:00-10:00")
    assert sla_policies.calendar_changed(calendar=office) == 2
    sla_sweep.sweep()
    after = SlaClock.objects.get(metric="resolution")
    assert before.due_at is not None
    assert after.due_at is not None
    assert after.due_at - before.due_at > timedelta(days=6)
    assert not SlaClock.objects.filter(is_stale=True).exists()
    entry = AuditEntry.objects.get(action="ticket.sla_moved", object_id=ticket.public_id)
    assert entry.detail["resolution"] == str(before.due_at)
    ticket.refresh_from_db()
    assert ticket.due_at == SlaClock.objects.get(metric="first_response").due_at


@pytest.mark.django_db
def test_sweep__calendar_changed_and_the_old_moment_has_come__logs_from_when_it_moved(
    admin: Staff, move_time: Move
) -> None:
    office = SlaCalendar.objects.create(name="Office", is_always=True)
    policy(by=admin, calendar=office)
    ticket = mail_ticket()
    before = SlaClock.objects.get(metric="resolution")
    SlaCalendar.objects.filter(pk=office.pk).update(is_always=False, weekly="mon-sun 09:00-10:00")
    sla_policies.calendar_changed(calendar=office)
    move_time(RESOLUTION * MINUTE + HOUR)
    sla_sweep.sweep()
    entry = AuditEntry.objects.get(action="ticket.sla_moved", object_id=ticket.public_id)
    assert entry.detail["resolution"] == str(before.due_at)
    ticket.refresh_from_db()
    assert ticket.due_at == SlaClock.objects.get(metric="first_response").due_at


@pytest.mark.django_db
def test_sweep__a_calendar_that_cannot_be_read__keeps_no_other_from_its_turn(admin: Staff, move_time: Move) -> None:
    bad, good = (SlaCalendar.objects.create(name=name, is_always=True) for name in ("Bad", "Good"))
    for calendar, language in ((bad, "es"), (good, "en")):
        policy(calendar.name, by=admin, calendar=calendar, languages=[language])
    broken, fine = (mail_ticket(address=f"{code}@example.com", language=code) for code in ("es", "en"))
    before = SlaClock.objects.get(ticket=fine, metric="resolution").due_at
    SlaCalendar.objects.filter(pk__in=[bad.pk, good.pk]).update(is_always=False, weekly="mon-sun 09:00-10:00")
    # Its country's list was in the library once.
    SlaCalendar.objects.filter(pk=bad.pk).update(country="XX")
    assert [sla_policies.calendar_changed(calendar=calendar) for calendar in (bad, good)] == [2, 2]
    sla_sweep.sweep()
    assert SlaClock.objects.get(ticket=fine, metric="resolution").due_at != before
    move_time(48 * HOUR)
    sla_sweep.sweep()
    assert told(fine) == [("breached", "first_response")]
    assert told(broken) == []
    SlaCalendar.objects.filter(pk=bad.pk).update(country="")
    sla_policies.calendar_changed(calendar=bad)
    sla_sweep.sweep()
    assert told(broken) == [("breached", "first_response")]
    assert not SlaClock.objects.filter(is_stale=True).exists()


@pytest.mark.django_db
def test_sweep__more_stale_clocks_than_a_batch__are_reckoned_in_one_sweep(
    admin: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = SlaCalendar.objects.create(name="Office", is_always=True)
    policy(by=admin, calendar=office)
    for number in range(3):
        mail_ticket(address=f"{number}@example.com")
    monkeypatch.setattr(sla_sweep, "BATCH", 2)
    assert sla_policies.calendar_changed(calendar=office) == 6
    sla_sweep.sweep()
    assert not SlaClock.objects.filter(is_stale=True).exists()


@pytest.mark.usefixtures("clone_db")
def test_sweep__several_at_once__tell_each_breach_once(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    tickets = [mail_ticket(address=f"{number}@example.com") for number in range(12)]
    move_time(RESOLUTION * MINUTE + HOUR)
    outcomes = run_together(*[sla_sweep.sweep] * 4)
    # What one sweeper holds another passes by: the next round has it.
    outcomes.append(sla_sweep.sweep())
    assert sum(outcomes) == 24
    for ticket in tickets:
        assert sorted(told(ticket)) == [("breached", "first_response"), ("breached", "resolution")]


@pytest.mark.usefixtures("clone_db")
def test_sweep__a_ticket_that_somebody_holds__waits_for_the_next_round(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    move_time(HOUR)
    with transaction.atomic():
        timeline.lock(ticket)
        assert run_together(sla_sweep.sweep) == [0]
    assert sla_sweep.sweep() == 1


@pytest.mark.django_db
def test_sweep__one_that_fails__keeps_no_other_from_its_turn(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    bad, good = mail_ticket(address="bad@example.com"), mail_ticket(address="good@example.com")

    def fail(ticket: Ticket, _row: SlaClock, _what: str) -> None:
        if ticket.pk == bad.pk:
            raise ValueError(ticket)

    sla_clocks.happened.append(fail)
    try:
        move_time(HOUR)
        assert sla_sweep.sweep() == 1
    finally:
        sla_clocks.happened.remove(fail)
    assert told(good) == [("breached", "first_response")]
    assert told(bad) == []
    move_time(HOUR)
    assert sla_sweep.sweep() == 1
    assert told(bad) == [("breached", "first_response")]
