"""What is given first, how well a language is to be had, and calls at once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Presence, Staff, Team
from core.clock import from_now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.tickets import customer, requester
from tests.integration.tickets.assignment.conftest import AtWork, Waits
from tickets.models import Decision, Ticket
from tickets.selectors import assignment as people
from tickets.services import assignment, cases, replies


def call(team: Team) -> Ticket:
    """Return the ticket of a call."""
    who = customer(f"call{Ticket.objects.count()}@example.com")
    case = cases.NewCase(
        requester=who, subject="A call", channel="phone", requester_address="+44 20 8366 1177", team=team
    )
    return cases.open_case(case=case, sender=requester(who), words=replies.Words(text="Called."))[0]


def test_waiting__due_urgent_and_old__comes_in_this_order(team: Team, waits: Waits) -> None:
    old, urgent, later, soon, missed, low = (waits() for _ in range(6))
    for ticket, minutes in ((later, 60), (soon, 5), (missed, -5)):
        Ticket.objects.filter(pk=ticket.pk).update(due_at=from_now(timedelta(minutes=minutes)))
    Ticket.objects.filter(pk=urgent.pk).update(priority="urgent")
    Ticket.objects.filter(pk=low.pk).update(priority="low")
    newest = waits()
    assert list(people.waiting(team.pk)) == [missed, soon, later, urgent, old, newest, low]


def test_assign_waiting__one_free_place__goes_to_what_is_due_soonest(at_work: AtWork, waits: Waits) -> None:
    _old, due = waits(), waits()
    Ticket.objects.filter(pk=due.pk).update(due_at=from_now(timedelta(minutes=5)))
    at_work("Ada", ticket_capacity=1)
    assert assignment.assign_waiting() == 1
    assert Ticket.objects.get(assignee__isnull=False) == due


def test_waiting__of_a_team__is_read_in_order_from_its_index(team: Team, waits: Waits) -> None:
    waits()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    plan = people.waiting(team.pk)[:1].explain()
    assert "tickets_waiting_in_order" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize(
    ("levels", "asked", "is_given"),
    [({}, 1, True), ({}, 3, True), ({}, 4, False), ({"en": 5}, 4, True), ({"en": 2}, 3, False), ({"en": 1}, 1, True)],
)
def test_assign_waiting__team_that_asks_for_a_level__gives_to_who_has_the_language_so_well(
    at_work: AtWork, waits: Waits, levels: dict[str, int], asked: int, *, is_given: bool
) -> None:
    Team.objects.update(language_level=asked)
    ada = at_work("Ada", language_levels=levels)
    waits(language="en")
    assert assignment.assign_waiting() == is_given
    if not is_given:
        ben = at_work("Ben", language_levels={"en": 5})
        assert assignment.assign_waiting() == 1
        codes = {one["staff"]: one["why"] for one in Decision.objects.get().candidates}
        assert codes == {ada.public_id: "language_level", ben.public_id: "chosen"}


def test_assign_waiting__language_that_our_pages_do_not_have__is_given_to_who_speaks_it(
    client: Client, admin: Staff, at_work: AtWork, waits: Waits
) -> None:
    ada, ben = at_work("Ada"), at_work("Ben")
    ticket = waits(language="es")
    assert assignment.assign_waiting() == 0
    data = {"languages": ["en", "es"], "level_es": "4", "capacity": "3", "ticket_capacity": "10", "phone_capacity": "1"}
    path = reverse("admin:accounts_presence_change", args=[ben.pk])
    assert signed_in(client, admin).post(path, {**data, "weight": "1"}).status_code == 302
    assert Presence.objects.get(staff=ben).language_levels == {"es": 4}
    assert assignment.assign_waiting() == 1
    assert Ticket.objects.get(pk=ticket.pk).assignee == ben
    assert Decision.objects.get().candidates[0]["why"] in {"chosen", "language"}
    assert ada != ben


@pytest.mark.parametrize("levels", [{"en": 0}, {"en": 6}, {"en": 2.5}, {"en": "3"}, [3], 3])
def test_levels__out_of_bounds__are_refused_by_the_database(at_work: AtWork, levels: object) -> None:
    ada = at_work("Ada")
    with pytest.raises(IntegrityError, match="levels_bounded"), transaction.atomic():
        Presence.objects.filter(staff=ada).update(language_levels=levels)


def test_assign_waiting__calls__are_counted_by_themselves(team: Team, at_work: AtWork, waits: Waits) -> None:
    calls = [call(team) for _ in range(2)]
    mail = waits()
    at_work("Ada")
    assert assignment.assign_waiting() == 2
    assert Ticket.objects.get(pk=mail.pk).assignee is not None
    assert not Ticket.objects.get(pk=calls[1].pk).assignee
    Ticket.objects.filter(pk=calls[0].pk).update(status="pending")
    assert assignment.assign_waiting() == 1
    at_work("Ben", phone_capacity=0)
    call(team)
    assert assignment.assign_waiting() == 0


def test_admin__levels_of_languages__are_said_by_number_and_recorded(
    client: Client, admin: Staff, at_work: AtWork
) -> None:
    ada = at_work("Ada")
    data = {
        "languages": ["en"], "level_en": "5", "level_zh_hans": "", "capacity": "3", "ticket_capacity": "10",
        "phone_capacity": "1", "weight": "1",
    }  # fmt: skip
    path = reverse("admin:accounts_presence_change", args=[ada.pk])
    assert signed_in(client, admin).post(path, data).status_code == 302
    assert Presence.objects.get(staff=ada).language_levels == {"en": 5}
    assert "language_levels" in AuditEntry.objects.filter(action="presence.changed").latest("pk").fields
    assert 'name="level_en" value="5"' in client.get(path).content.decode()
    assert client.post(path, {**data, "level_en": "6"}).status_code == 200
