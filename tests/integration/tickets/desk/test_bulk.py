"""Bulk changes: each ticket once, whoever dies; only what its person may; what was left alone and why; undo."""

from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Staff, Team
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.sla import policy
from tests.factories.tickets import TopicFactory, answer, mail_ticket
from tickets import inbound_tasks
from tickets.actions import Action, Kind
from tickets.models import BulkChange, BulkItem, Draft, Message, SlaClock, StaffNotice, Ticket
from tickets.services import actions, bulk, errors, properties

Outcome = BulkItem.Outcome


@pytest.fixture
def tickets(db: None) -> list[Ticket]:
    return [mail_ticket() for _number in range(4)]


def begun(by: Staff, tickets: Sequence[Ticket], **values: str) -> BulkChange:
    wanted = [Action(kind, value) for kind, value in values.items()]
    return bulk.begin(by=by, tickets=[one.pk for one in tickets], wanted=wanted, source="All open")


def done(change: BulkChange) -> BulkChange:
    inbound_tasks.work_bulk_change(change.pk)
    return BulkChange.objects.get(pk=change.pk)


def outcomes(change: BulkChange) -> dict[int, tuple[str, str]]:
    return {item.ticket_id: (item.outcome, item.reason) for item in change.items.all()}


def read(tickets: Sequence[Ticket]) -> list[Ticket]:
    return list(Ticket.objects.filter(pk__in=[one.pk for one in tickets]).order_by("pk"))


def test_work__many_at_once__is_what_each_would_be_by_hand(admin: Staff, lead: Staff) -> None:
    policy(by=admin, pauses_in=["pending"])
    policy("Urgent", by=admin, priorities=["urgent"], tags=["vip"])
    team, topic = TeamFactory.create(), TopicFactory.create(parent=TopicFactory.create())
    several, alone = [mail_ticket(), mail_ticket()], mail_ticket()
    values = {
        "status": "pending", "priority": "urgent", "team": team.slug, "assignee": "me", "topic": topic.slug,
        "add_tags": "vip, fees", "note": "{number}", "spam": "yes",
    }  # fmt: skip
    for left_out in ((), ("spam",), ("spam", "status")):
        wanted = {kind: value for kind, value in values.items() if kind not in left_out}
        several, alone = [mail_ticket(), mail_ticket()], mail_ticket()
        change = done(begun(lead, several, **wanted))
        assert (change.done, change.skipped, change.failed, change.is_over) == (2, 0, 0, True)
        plan = actions.plan([Action(kind, value) for kind, value in wanted.items()], by=lead)
        actions.apply(ticket=alone, wish=plan)
        names = ("status", "priority", "team", "assignee", "topic", "is_spam", "version", "last_seq", "due_metric")
        by_hand = Ticket.objects.get(pk=alone.pk)
        for ticket in read(several):
            assert [getattr(ticket, name) for name in names] == [getattr(by_hand, name) for name in names]
            assert ticket.sla_version == by_hand.sla_version
            assert (ticket.due_at is None) == (by_hand.due_at is None)
            assert _said(ticket) == _said(by_hand)
            assert _clocks(ticket) == _clocks(by_hand)
            assert {tag.name for tag in ticket.tags.all()} == {tag.name for tag in by_hand.tags.all()}
            assert _audited(ticket) == _audited(by_hand)
            assert ticket.updated_at > ticket.created_at


def _said(ticket: Ticket) -> list[tuple[int, str, str]]:
    return list(ticket.messages.order_by("seq").values_list("seq", "kind", "event"))


def _clocks(ticket: Ticket) -> list[tuple[object, ...]]:
    rows = SlaClock.objects.filter(ticket=ticket).order_by("metric", "pk")
    return [(row.metric, row.version_id, row.priority, row.due_at is None, row.ended_at is None) for row in rows]


def _audited(ticket: Ticket) -> list[str]:
    return sorted(AuditEntry.objects.filter(object_id=ticket.public_id).values_list("action", flat=True))


def test_work__what_cannot_be_or_is_out_of_sight__is_left_alone_and_says_why(
    tickets: list[Ticket], agent: Staff
) -> None:
    topic = TopicFactory.create(parent=TopicFactory.create())
    hidden: Team = TeamFactory.create(is_restricted=True)
    Ticket.objects.filter(pk=tickets[0].pk).update(topic=topic)
    Ticket.objects.filter(pk=tickets[1].pk).update(topic=topic, status="closed")
    Ticket.objects.filter(pk=tickets[2].pk).update(topic=topic, team=hidden)
    change = done(begun(agent, tickets, status="resolved", add_tags="outage"))
    assert outcomes(change) == {
        tickets[0].pk: ("done", ""),
        tickets[1].pk: ("skipped", "case_closed"),
        tickets[2].pk: ("skipped", "out_of_sight"),
        tickets[3].pk: ("skipped", "topic_needed"),
    }
    assert [one.status for one in read(tickets)] == ["resolved", "closed", "new", "new"]
    assert (change.done, change.skipped, change.place) == (1, 3, 4)


def test_work__many_are_given_to_somebody__who_is_not_told_of_each(
    tickets: list[Ticket], agent: Staff, lead: Staff
) -> None:
    assert done(begun(lead, tickets, assignee=agent.public_id)).done == len(tickets)
    assert not StaffNotice.objects.exists()
    properties.assign(ticket=mail_ticket(), to=agent, by=lead)
    assert StaffNotice.objects.get().staff == agent


def test_work__one_refuses_only_when_it_is_written__others_are_done(tickets: list[Ticket], agent: Staff) -> None:
    properties.set_tags(ticket=tickets[1], names=[f"tag {number}" for number in range(20)], by=agent)
    change = done(begun(agent, tickets, priority="low", add_tags="outage"))
    assert outcomes(change)[tickets[1].pk] == ("skipped", "too_many_tags")
    assert [one.priority for one in read(tickets)] == ["low", "normal", "low", "low"]
    assert change.done == 3


def test_work__person_whose_right_is_gone__changes_nothing(tickets: list[Ticket], agent: Staff) -> None:
    change = begun(agent, tickets, priority="low")
    Staff.objects.filter(pk=agent.pk).update(role="light_agent")
    assert set(outcomes(done(change)).values()) == {("skipped", "not_allowed")}
    assert {one.priority for one in read(tickets)} == {"normal"}


def test_work__worker_dies_between__the_next_goes_on_and_does_none_twice(
    tickets: list[Ticket], agent: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE", 2)
    change = begun(agent, tickets, note="Once")
    assert bulk.work_slice(change.pk)
    with mock.patch.object(bulk, "_written", side_effect=SystemExit), pytest.raises(SystemExit), transaction.atomic():
        bulk.work_slice(change.pk)
    assert Message.objects.filter(kind="note").count() == 2
    assert done(change).done == 4
    assert not bulk.work(change.pk)
    assert Message.objects.filter(kind="note").count() == 4


def test_reply__goes_once_to_each__never_over_an_unsent_draft(tickets: list[Ticket], agent: Staff) -> None:
    Draft.objects.create(ticket=tickets[0], staff=agent, kind="reply", text="Half a sentence")
    change = done(begun(agent, tickets, reply="Dear {customer}, it works again."))
    assert outcomes(change)[tickets[0].pk] == ("skipped", "draft_here")
    assert Message.objects.filter(kind="reply", direction="out", text__startswith="Dear ").count() == 3
    assert Draft.objects.get().text == "Half a sentence"


def test_begin__one_at_a_time__not_nothing__not_by_whoever_changes_none(tickets: list[Ticket], agent: Staff) -> None:
    with pytest.raises(bulk.NoTickets):
        begun(agent, [], priority="low")
    with pytest.raises(actions.NothingToDo):
        begun(agent, tickets)
    with pytest.raises(actions.NotAllowed):
        begun(StaffFactory.create(role="light_agent"), tickets, follow="yes")
    running = begun(agent, tickets, priority="low")
    with pytest.raises(bulk.OneAtATime):
        begun(agent, tickets, priority="high")
    with pytest.raises(errors.Refused):
        bulk.stop(change=running, by=StaffFactory.create(role="agent"))
    bulk.stop(change=running, by=agent)
    assert done(running).done == 0
    assert done(begun(agent, tickets, priority="high")).done == 4


def test_undo__puts_back_what_nobody_changed_since(tickets: list[Ticket], lead: Staff) -> None:
    topic, team = TopicFactory.create(parent=TopicFactory.create()), TeamFactory.create()
    properties.set_tags(ticket=tickets[1], names=["old"], by=lead)
    actions.apply(ticket=tickets[2], wish=actions.plan([Action(Kind.STATUS, "pending")], by=lead))
    before = [(one.priority, one.assignee, one.team, one.topic, one.is_spam) for one in read(tickets)]
    change = done(
        begun(
            lead,
            tickets,
            status="resolved",
            topic=topic.slug,
            priority="high",
            team=team.slug,
            assignee="me",
            add_tags="new",
            remove_tags="old",
            spam="yes",
        )
    )
    assert change.done == 4
    properties.set_priority(ticket=tickets[3], to="low", by=lead)
    undone = done(bulk.undo(change=change, by=lead))
    assert outcomes(undone)[tickets[3].pk] == ("skipped", "changed_since")
    assert undone.done == 3
    now = read(tickets)
    assert [(one.priority, one.assignee, one.team, one.topic, one.is_spam) for one in now][:3] == before[:3]
    assert [one.status for one in now] == ["open", "open", "pending", "resolved"]
    assert [[tag.name for tag in one.tags.all()] for one in now] == [[], ["old"], [], ["new"]]
    with pytest.raises(bulk.NothingToUndo):
        bulk.undo(change=change, by=lead)
    with pytest.raises(bulk.NothingToUndo):
        bulk.undo(change=undone, by=lead)


def test_undo__of_a_status__leaves_a_ticket_whose_customer_has_answered_since(
    tickets: list[Ticket], lead: Staff
) -> None:
    for ticket in tickets:
        actions.apply(ticket=ticket, wish=actions.plan([Action(Kind.STATUS, "pending")], by=lead))
    change = done(begun(lead, tickets, status="open"))
    answer(tickets[0])
    undone = done(bulk.undo(change=change, by=lead))
    assert outcomes(undone)[tickets[0].pk] == ("skipped", "changed_since")
    assert [one.status for one in read(tickets)] == ["open", "pending", "pending", "pending"]


def test_work__error_of_ours_in_a_slice__fails_one_and_does_the_others(
    tickets: list[Ticket], agent: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = properties.set_priority

    def breaks(*, ticket: Ticket, **how: Any) -> Ticket:
        if ticket.pk == tickets[1].pk:
            raise ZeroDivisionError
        return real(ticket=ticket, **how)

    monkeypatch.setattr(properties, "set_priority", breaks)
    change = done(begun(agent, tickets, priority="high"))
    assert (change.done, change.failed, change.is_over) == (3, 1, True)


def test_database__refuses_a_second_running_one_and_counts_that_are_wrong(tickets: list[Ticket], agent: Staff) -> None:
    change = begun(agent, tickets, priority="low")
    rows = BulkChange.objects.filter(pk=change.pk)
    for wrong in ({"done": 1}, {"place": 5, "done": 5}, {"finished_at": change.created_at}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**wrong)
    BulkItem.objects.create(change=change, ticket=tickets[0], outcome=Outcome.DONE)
    with pytest.raises(DatabaseError), transaction.atomic():
        BulkItem.objects.create(change=change, ticket=tickets[0], outcome=Outcome.DONE)


def test_pages__choose_confirm_watch_undo(client: Client, tickets: list[Ticket], agent: Staff) -> None:
    browser = signed_in(client, agent)
    at = "/desk/bulk/new/?view=open&q=priority:normal"
    assert "All 4 that match" in browser.get(at).content.decode()
    data = {"scope": "chosen", "ticket": [one.public_id for one in tickets[:3]], "do_priority": "urgent"}
    assert browser.post(at, {**data, "do_priority": ""}).status_code == 422
    asked = browser.post(at, data).content.decode()
    assert "Change 3 tickets?" in asked
    mark = asked.partition('name="mark" value="')[2].partition('"')[0]
    assert not BulkChange.objects.exists()
    # Other tickets, or another wish, than what was confirmed: it is asked again.
    others = {**data, "ticket": [one.public_id for one in tickets[1:]]}
    for changed in (others, {**data, "do_priority": "low"}):
        assert "Change 3 tickets?" in browser.post(at, {**changed, "step": "go", "mark": mark}).content.decode()
    sent = browser.post(at, {**data, "step": "go", "mark": mark})
    change = BulkChange.objects.get()
    assert sent["Location"] == f"/desk/bulk/{change.public_id}/"
    assert "every 1s" in browser.get(sent["Location"]).content.decode()
    done(change)
    Ticket.objects.filter(pk=tickets[0].pk).update(version=9)
    assert "3 done" in browser.get(sent["Location"]).content.decode()
    undone = browser.post(f"{sent['Location']}undo/")
    done(BulkChange.objects.get(undoes=change))
    page = browser.get(undone["Location"]).content.decode()
    assert "It was changed since" in page
    assert f"#{tickets[0].number}" in page
    assert signed_in(Client(), StaffFactory.create(role="agent")).get(sent["Location"]).status_code == 404
