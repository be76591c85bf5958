"""Assigning tickets: to whom, in which order, once, and why."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Presence, Skill, Staff, Team
from core.clock import from_now
from core.models import AuditEntry
from tests.factories.tickets import TopicFactory
from tests.integration.tickets.assignment.conftest import AtWork, Waits
from tickets.inbound_tasks import assign_waiting
from tickets.models import Decision, Ticket, TopicSkill
from tickets.selectors import assignment as people
from tickets.services import assignment, properties, retention, status


def assigned() -> list[str]:
    """Who has which ticket, in the order in which they were written."""
    return [name or "" for name in Ticket.objects.order_by("pk").values_list("assignee__name", flat=True)]


def test_assign_waiting__team_that_does_not__leaves_everything_in_the_queue(
    team: Team, at_work: AtWork, waits: Waits
) -> None:
    Team.objects.update(assigns_tickets=False)
    at_work("Ada")
    waits()
    assert assignment.assign_waiting() == 0
    assert assigned() == [""]


def test_assign_waiting__oldest_first__within_everybodys_room(at_work: AtWork, waits: Waits) -> None:
    ada = at_work("Ada", ticket_capacity=2)
    first, _second, third = waits(), waits(), waits()

    assert assignment.assign_waiting() == 2
    assert assigned() == ["Ada", "Ada", ""]
    assert "assignee_changed" in first.messages.values_list("event", flat=True)
    entry = AuditEntry.objects.filter(action="ticket.assignee_changed").earliest("pk")
    assert (entry.actor_kind, entry.object_id) == ("system", first.public_id)
    properties.set_topic(ticket=first, to=TopicFactory.create(), by=ada)
    status.move(ticket=first, to="resolved", by=ada)
    assert assignment.assign_waiting() == 1
    assert Ticket.objects.get(pk=third.pk).assignee == ada


@pytest.mark.parametrize("what", ["spam", "pending", "away", "other team", "language", "no room"])
def test_assign_waiting__what_nobody_can_or_should_take__stays(
    team: Team, at_work: AtWork, waits: Waits, what: str
) -> None:
    at_work("Ada")
    ticket = waits(language="en")
    match what:
        case "spam":
            Ticket.objects.update(is_spam=True)
        case "pending":
            Ticket.objects.update(status="pending")
        case "away":
            Presence.objects.update(state="away")
        case "other team":
            team.memberships.all().delete()
        case "language":
            Ticket.objects.update(language="zh-hans")
        case _:
            Presence.objects.update(ticket_capacity=0)
    assert assignment.assign_waiting() == 0
    assert not Decision.objects.filter(ticket=ticket).exists()


def test_assign_waiting__many_older_ones_that_nobody_can_take__keep_no_other_waiting(
    at_work: AtWork, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "BATCH", 2)
    for _number in range(3):
        waits(language="zh-hans")
    at_work("Ada")
    waits(language="en")
    assert assignment.assign_waiting() == 1
    assert assigned() == ["", "", "", "Ada"]


def test_assign_waiting__round_robin__goes_round_whatever_was_idle(team: Team, at_work: AtWork, waits: Waits) -> None:
    Team.objects.update(method="round_robin")
    for name in ("Ada", "Ben", "Cy"):
        at_work(name)
    for _number in range(6):
        waits()
        Presence.objects.filter(staff__name="Ada").update(idle_since=from_now(-timedelta(days=1)))
        assignment.assign_waiting()
    assert assigned() == ["Ada", "Ben", "Cy"] * 2


def test_assign_waiting__least_loaded__is_by_share_of_ones_room(team: Team, at_work: AtWork, waits: Waits) -> None:
    Team.objects.update(method="least_loaded")
    at_work("Ada", ticket_capacity=2)
    at_work("Ben", ticket_capacity=4)
    for _number in range(6):
        waits()
        assignment.assign_waiting()
    assert Counter(assigned()) == {"Ada": 2, "Ben": 4}
    # Half full each, and not one after the other.
    assert Counter(assigned()[:3]) == {"Ada": 1, "Ben": 2}


def test_assign_waiting__weighted__gives_each_their_share(team: Team, at_work: AtWork, waits: Waits) -> None:
    Team.objects.update(method="weighted")
    at_work("Ada", weight=3)
    at_work("Ben", weight=1)
    for _number in range(8):
        waits()
    assignment.assign_waiting()
    assert Counter(assigned()) == {"Ada": 6, "Ben": 2}


def test_assign_waiting__sticky__goes_to_who_had_the_customers_last_ticket(
    team: Team, at_work: AtWork, waits: Waits
) -> None:
    Team.objects.update(is_sticky=True)
    ben = at_work("Ben")
    properties.assign(ticket=waits(address="mei@example.com"), to=ben, by=ben)
    at_work("Ada", idle_since=from_now(-timedelta(hours=1)))
    waits(address="mei@example.com")
    waits()
    assignment.assign_waiting()
    assert assigned() == ["Ben", "Ben", "Ada"]
    assert list(Decision.objects.order_by("pk").values_list("reason", flat=True)) == ["sticky", "turn"]


def test_assign_waiting__topic_that_asks_for_a_skill__goes_to_who_has_it_well_enough(
    at_work: AtWork, waits: Waits
) -> None:
    skill = Skill.objects.create(name="Tax reports")
    topic = TopicFactory.create()
    TopicSkill.objects.create(topic=topic, skill=skill, level=3)
    ada, ben = at_work("Ada"), at_work("Ben")
    skill.people.create(staff=ada, level=2)
    waits(topic=topic)
    assert assignment.assign_waiting() == 0
    skill.people.create(staff=ben, level=3)
    assert assignment.assign_waiting() == 1
    assert assigned() == ["Ben"]
    codes = {one["staff"]: one["why"] for one in Decision.objects.get().candidates}
    assert codes == {ada.public_id: "skill", ben.public_id: "chosen"}
    Skill.objects.update(is_active=False)
    assert people.skills_of({topic.pk}) == {topic.pk: {}}


def test_record__everybody_looked_at__with_the_first_thing_against_them(
    team: Team, at_work: AtWork, waits: Waits, move_time: Any
) -> None:
    at_work("Gone")
    move_time(timedelta(minutes=3))
    at_work("Away")
    Presence.objects.filter(staff__name="Away").update(state="away")
    at_work("Chinese", languages=["zh-hans"])
    at_work("Full", ticket_capacity=0)
    at_work("Ada", idle_since=from_now(-timedelta(minutes=1)))
    at_work("Next")
    waits(language="en")
    assignment.assign_waiting()
    decision = Decision.objects.get()
    names = dict(Staff.objects.values_list("public_id", "name"))
    assert {names[one["staff"]]: one["why"] for one in decision.candidates} == {
        "Gone": "not_there", "Away": "away", "Chinese": "language", "Full": "full", "Ada": "chosen", "Next": "turn",
    }  # fmt: skip
    assert (decision.kind, decision.method, decision.reason, decision.team) == ("given", "idle", "turn", team)
    entry = AuditEntry.objects.get(action="ticket.assignment_decided")
    assert (entry.object_kind, entry.detail["reason"]) == ("ticket", "turn")


def test_assign_waiting__eight_workers_at_once__give_each_ticket_once_and_nobody_too_much(
    clone_db: str, race: Any, team: Team, at_work: AtWork, waits: Waits
) -> None:
    Team.objects.update(method="round_robin")
    for number in range(8):
        at_work(f"Agent{number}", ticket_capacity=5)
    tickets = [waits() for _number in range(48)]

    outcomes = race(*[assign_waiting] * 8)
    outcomes.append(assign_waiting())

    assert not [one for one in outcomes if isinstance(one, BaseException)]
    held = Counter(name for name in assigned() if name)
    assert held == {f"Agent{number}": 5 for number in range(8)}
    given = Counter(Decision.objects.values_list("ticket", flat=True))
    assert len(given) == 40
    assert set(given.values()) == {1}
    assert sum(1 for ticket in tickets if ticket.messages.filter(event="assignee_changed").count() == 1) == 40
    assert sum(Presence.objects.values_list("given", flat=True)) == 40


def test_assign_waiting__eight_workers_with_room_to_spare__are_fair(
    clone_db: str, race: Any, team: Team, at_work: AtWork, waits: Waits
) -> None:
    Team.objects.update(method="round_robin")
    for number in range(8):
        at_work(f"Agent{number}", ticket_capacity=100)
    for _number in range(40):
        waits()
    race(*[assignment.assign_waiting] * 8)
    assignment.assign_waiting()
    held = Counter(assigned())
    assert sum(held.values()) == 40
    assert max(held.values()) - min(held[f"Agent{number}"] for number in range(8)) <= 2


def test_tidy__decisions_past_90_days__go_with_a_count(at_work: AtWork, waits: Waits, move_time: Any) -> None:
    at_work("Ada")
    waits()
    assignment.assign_waiting()
    move_time(timedelta(days=89))
    retention.tidy()
    assert Decision.objects.count() == 1
    move_time(timedelta(days=2))
    retention.tidy()
    assert not Decision.objects.exists()
    assert AuditEntry.objects.get(action="decisions.tidied").detail["count"] == 1
