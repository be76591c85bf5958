"""Time spent: written down, taken back by its person within a day, summed on the ticket and in reports."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core.clock import from_now
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import mail_ticket
from tickets.models import Ticket, TimeEntry
from tickets.selectors import time_entries as shown
from tickets.services import time_entries

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def case(db: None) -> Ticket:
    return mail_ticket()


def test_panel__time_written_down_and_taken_back__counts_and_stays(client: Client, case: Ticket, agent: Staff) -> None:
    signed_in(client, agent)
    path = reverse("desk:time", args=[case.public_id])
    for minutes in ("20", "25"):
        assert client.post(path, {"minutes": minutes, "note": "Called"}, headers=PARTIAL).status_code == 200
    tomorrow = (shown.today() + timedelta(days=1)).isoformat()
    for wrong in ({"minutes": "0"}, {"minutes": "1441"}, {"minutes": "many"}, {"minutes": "5", "day": tomorrow}):
        assert client.post(path, wrong, headers=PARTIAL).status_code == 422, wrong
    entry = TimeEntry.objects.get(minutes=20)
    back = reverse("desk:time_take_back", args=[case.public_id])
    assert "25 minutes" in client.post(back, {"entry": entry.public_id}, headers=PARTIAL).content.decode()
    assert client.post(back, {"entry": entry.public_id}, headers=PARTIAL).status_code == 422
    entries = shown.of_ticket(case, agent)
    assert [(one.minutes, one.is_taken_back) for one in entries] == [(25, False), (20, True)]
    assert shown.total(entries) == 25


def test_take_back__of_somebody_else_or_after_a_day__is_refused(case: Ticket, agent: Staff, lead: Staff) -> None:
    entry = time_entries.add(ticket=case, by=agent, minutes=5, day=date(2026, 11, 2))
    with pytest.raises(time_entries.NotToBeTakenBack):
        time_entries.take_back(ticket=case, entry_id=entry.public_id, by=lead)
    old = TimeEntry.objects.create(
        ticket=case, staff=agent, minutes=5, day=date(2026, 11, 2), created_at=from_now(-timedelta(hours=25))
    )
    with pytest.raises(time_entries.NotToBeTakenBack):
        time_entries.take_back(ticket=case, entry_id=old.public_id, by=agent)
    for wrong in ({"minutes": 0}, {"minutes": 1441}, {"taken_back_at": from_now(timedelta(hours=1))}):
        with pytest.raises(DatabaseError), transaction.atomic():
            TimeEntry.objects.filter(pk=old.pk).update(**wrong)


def test_report__time_of_visible_tickets__is_summed_by_person_and_team(
    client: Client, case: Ticket, agent: Staff, admin: Staff, move_time: Callable[[timedelta], None]
) -> None:
    hidden = mail_ticket()
    Ticket.objects.filter(pk=hidden.pk).update(
        team=TeamFactory.create(slug="closed", name="Closed", is_restricted=True)
    )
    namesake = StaffFactory.create(name=agent.name)
    for minutes, by in ((20, agent), (25, agent), (60, admin), (10, namesake)):
        time_entries.add(ticket=case, by=by, minutes=minutes, day=shown.today())
    time_entries.add(ticket=hidden, by=agent, minutes=100, day=shown.today())
    gone = time_entries.add(ticket=case, by=agent, minutes=7, day=shown.today())
    time_entries.take_back(ticket=case, entry_id=gone.public_id, by=agent)
    move_time(timedelta(minutes=3))
    signed_in(client, admin)
    assert client.get(reverse("desk:report", args=["spent"]), {"period": "today"}).status_code == 200
    asked = {"section": "spent", "table": "agents", "period": "today"}
    answer = client.post(reverse("desk:report_export"), asked)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert [line.split(",")[:3] for line in text.splitlines()[1:]] == [
        [admin.name, "3600", "1"],
        [agent.name, "2700", "1"],
        [agent.name, "600", "1"],
    ]
