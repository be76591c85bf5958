"""Macros: what they may do, all or none, never more than their person may by hand; with a message, or at once."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Staff
from accounts.permissions import Permission
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import TopicFactory, mail_ticket
from tickets import actions as vocabulary
from tickets.actions import Action, BadActions, Kind
from tickets.models import CannedReply, Message, Snooze, StaffNotice, Ticket, TicketFollower
from tickets.services import actions, canned, errors, properties
from tickets.services.canned import Wording


@pytest.fixture
def ticket(db: None) -> Ticket:
    return mail_ticket()


def wish(by: Staff, **values: str) -> actions.Plan:
    return actions.plan([Action(kind, value) for kind, value in values.items()], by=by)


def macro(by: Staff, text: str = "", **values: str) -> CannedReply:
    done = tuple(Action(kind, value) for kind, value in values.items())
    return canned.add(by=by, wording=Wording(shortcut="m", title="Macro", text=text, actions=done), is_own=True)


@pytest.mark.parametrize(
    "given",
    [
        [], {"version": 2, "actions": []}, {"version": 1, "actions": [{"kind": "refund", "value": "1"}]},
        {"version": 1, "actions": [{"kind": "status", "value": "new"}]},
        {"version": 1, "actions": [{"kind": "status", "value": ["open"]}]},
        {"version": 1, "actions": [{"kind": "status", "value": "open", "more": ""}]},
        {"version": 1, "actions": [{"kind": "spam", "value": "yes"}, {"kind": "spam", "value": "no"}]},
        {"version": 1, "actions": [{"kind": "add_tags", "value": " , "}]},
    ],
)  # fmt: skip
def test_read__what_is_not_in_the_list__is_refused(given: Any) -> None:
    with pytest.raises(BadActions):
        vocabulary.read(given)


def test_apply__everything_at_once__is_done_recorded_and_kept_in_order(ticket: Ticket, lead: Staff) -> None:
    team, topic = TeamFactory.create(), TopicFactory.create(parent=TopicFactory.create())
    plan = wish(
        lead, status="pending", assignee="me", team=team.slug, topic=topic.slug, priority="urgent", add_tags="Fees, vip",
        snooze="tomorrow", note="For {customer}", follow="yes",
    )  # fmt: skip
    assert vocabulary.read(vocabulary.written(plan.actions)) == plan.actions
    actions.apply(ticket=ticket, wish=plan)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee, ticket.team, ticket.topic) == ("pending", lead, team, topic)
    assert (ticket.priority, ticket.is_snoozed) == ("urgent", True)
    assert {tag.name for tag in ticket.tags.all()} == {"fees", "vip"}
    assert Snooze.objects.get(ticket=ticket).by == lead
    assert TicketFollower.objects.filter(ticket=ticket, staff=lead).exists()
    seqs = list(Message.objects.filter(ticket=ticket).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, ticket.last_seq + 1))
    told = set(AuditEntry.objects.filter(object_id=ticket.public_id).values_list("action", flat=True))
    assert {"ticket.status_changed", "ticket.tags_changed", "ticket.followed", "message.added"} <= told


def test_apply__one_does_not_apply__none_is_done(ticket: Ticket, agent: Staff) -> None:
    with pytest.raises(errors.TopicNeeded):
        actions.apply(ticket=ticket, wish=wish(agent, status="resolved", priority="urgent", add_tags="late"))
    properties.set_tags(ticket=ticket, names=[f"tag {number}" for number in range(20)], by=agent)
    with pytest.raises(errors.TooManyTags):
        actions.apply(ticket=ticket, wish=wish(agent, priority="urgent", add_tags="late"))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority, ticket.tags.count()) == ("new", "normal", 20)


def test_plan__what_the_person_may_not_do_by_hand__is_refused(ticket: Ticket, agent: Staff) -> None:
    hidden = TeamFactory.create(is_restricted=True)
    light: Staff = StaffFactory.create(role="light_agent")
    assert not agent.has(Permission.SPAM_RELEASE)
    for by, kind, value in ((agent, Kind.SPAM, "no"), (light, Kind.PRIORITY, "low"), (light, Kind.REPLY, "Hi")):
        with pytest.raises(actions.NotAllowed):
            wish(by, **{kind: value})
    for kind, value in ((Kind.TEAM, hidden.slug), (Kind.ASSIGNEE, light.public_id), (Kind.TOPIC, "none-such")):
        with pytest.raises(actions.NoSuchAction):
            wish(agent, **{kind: value})
    Ticket.objects.filter(pk=ticket.pk).update(team=hidden)
    with pytest.raises(errors.Refused):
        actions.apply(ticket=ticket, wish=wish(agent, priority="urgent"))
    ticket.refresh_from_db()
    assert ticket.priority == "normal"


@pytest.mark.attack("I2")
def test_macro__a_reply_or_a_dangerous_text__is_not_kept(lead: Staff) -> None:
    with pytest.raises(errors.Refused):
        macro(lead, reply="Hello")
    with pytest.raises(errors.NotToBeSent):
        wish(lead, reply="Send me your password")
    with pytest.raises(canned.NeitherTextNorAction):
        macro(lead)
    assert not CannedReply.objects.exists()


def test_page__macro__shows_what_it_does_and_does_it_once_asked(client: Client, ticket: Ticket, agent: Staff) -> None:
    browser = signed_in(client, agent)
    data = {"shortcut": "late", "title": "Late", "scope": "own", "text": "", "is_active": "on", "do_priority": "high"}
    assert browser.post("/desk/canned/new/", {**data, "do_snooze": "hour", "do_status": "resolved"}).status_code == 422
    assert browser.post("/desk/canned/new/", {**data, "do_status": "pending"}).status_code == 302
    row = CannedReply.objects.get()
    assert 'value="pending" selected' in browser.get(f"/desk/canned/{row.public_id}/").content.decode()
    at = f"/desk/tickets/{ticket.public_id}/macros/{row.public_id}/"
    assert "Priority: High" in browser.get(at).content.decode()
    assert browser.post(at).status_code == 302
    ticket.refresh_from_db()
    row.refresh_from_db()
    assert (ticket.priority, ticket.status, row.used) == ("high", "pending", 1)
    Ticket.objects.filter(pk=ticket.pk).update(topic=TopicFactory.create(parent=TopicFactory.create()))
    actions.apply(ticket=ticket, wish=wish(agent, status="resolved"))
    assert "cannot follow" in browser.post(at).content.decode()


def test_reply__with_a_macro__sends_and_changes__or_neither(client: Client, ticket: Ticket, agent: Staff) -> None:
    browser = signed_in(client, agent)
    row = macro(agent, text="Hello", priority="high", status="pending")
    at = f"/desk/tickets/{ticket.public_id}/reply/"
    stranger = macro(StaffFactory.create(role="agent"), priority="low")
    assert browser.post(at, {"body": "Hello", "macro": stranger.public_id}).status_code == 422
    assert not ticket.messages.filter(direction="out", kind="reply").exists()
    assert browser.post(at, {"body": "Hello", "macro": row.public_id}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.status) == ("high", "pending")
    assert ticket.messages.filter(direction="out", kind="reply").count() == 1
    canned.change(
        reply=row, by=agent, wording=Wording(shortcut="m", title="Macro", actions=(Action(Kind.STATUS, "resolved"),))
    )
    refused = browser.post(at, {"body": "Bye", "macro": row.public_id})
    assert refused.status_code == 422
    assert "topic" in refused.content.decode()
    assert ticket.messages.filter(direction="out", kind="reply").count() == 1


@pytest.mark.parametrize("mode", ["reply", "note"])
def test_message__sent_twice_under_one_key__does_its_macro_once(
    client: Client, ticket: Ticket, lead: Staff, agent: Staff, mode: str
) -> None:
    desk = signed_in(client, lead)
    made = macro(lead, priority="high", note="By macro")
    data = {"body": "On its way.", "client_key": "one", "macro": made.public_id}
    path = f"/desk/tickets/{ticket.public_id}/{mode}/"
    assert desk.post(path, data).status_code == 302
    properties.set_priority(ticket=ticket, to="low", by=agent)
    assert desk.post(path, data).status_code == 302
    ticket.refresh_from_db()
    assert ticket.priority == "low"
    assert ticket.messages.filter(text="By macro").count() == 1
    assert ticket.messages.filter(text="On its way.").count() == 1


def test_note_of_a_macro__tells_whom_it_mentions(ticket: Ticket, agent: Staff, lead: Staff) -> None:
    actions.apply(ticket=ticket, wish=wish(agent, note="@Lin Lead please look"))
    assert StaffNotice.objects.get().staff == lead


def test_composer__of_a_macro_for_all__does_not_name_a_team_that_the_reader_may_not_know(
    client: Client, ticket: Ticket, lead: Staff, agent: Staff
) -> None:
    hidden = TeamFactory.create(name="Hidden desk", is_restricted=True)
    hidden.members.add(lead)
    done = (Action(Kind.TEAM, hidden.slug),)
    canned.add(by=lead, wording=Wording(shortcut="h", title="Hand on", text="", actions=done), is_own=False)
    path = f"/desk/tickets/{ticket.public_id}/canned/"
    assert "Hidden desk" in signed_in(client, lead).get(path).content.decode()
    told = signed_in(Client(), agent).get(path).content.decode()
    assert "Hand on" in told
    assert "Hidden desk" not in told
