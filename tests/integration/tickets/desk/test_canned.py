"""Canned replies: who may use and keep which, filled in the ticket's language, never a template, never what is held back."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Staff, Team
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import mail_ticket
from tickets.models import CannedReply, Ticket
from tickets.selectors import canned as shown
from tickets.services import canned, errors
from tickets.services.canned import Wording


def wording(shortcut: str = "hello", text: str = "Hello {customer}!", **more: Any) -> Wording:
    return Wording(shortcut=shortcut, title=more.pop("title", shortcut.title()), text=text, **more)


@pytest.fixture
def ticket(db: None) -> Ticket:
    made = mail_ticket()
    type(made.requester).objects.filter(pk=made.requester_id).update(name="Mina Park")
    return Ticket.objects.select_related("requester").get(pk=made.pk)


def offered(ticket: Ticket, person: Staff) -> list[tuple[str, str]]:
    return [(one["shortcut"], one["text"]) for one in shown.for_composer(ticket, person)]


def test_text__placeholders_of_the_list__are_filled_in_once(ticket: Ticket, agent: Staff, lead: Staff) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(subject="{agent} {{ 7|add:7 }} {number}")
    ticket.refresh_from_db()
    text = "Hello {customer}, ticket {number}: “{subject}”. {agent}"
    canned.add(by=lead, wording=wording(text=text))
    said = f"Hello Mina, ticket {ticket.number}: “{{agent}} {{{{ 7|add:7 }}}} {{number}}”. {agent.name.split()[0]}"
    assert offered(ticket, agent) == [("hello", said)]


@pytest.mark.attack("B5")
@pytest.mark.parametrize("text", ["{password}", "Hi {customer} {settings}", "{staff}"])
def test_text__another_placeholder__is_refused(lead: Staff, text: str) -> None:
    with pytest.raises(canned.UnknownPlaceholder):
        canned.add(by=lead, wording=wording(text=text))


@pytest.mark.attack("B5")
@pytest.mark.parametrize("code", ["{{ settings.SECRET_KEY }}", "{% debug %}", "{0.__class__}", "%(subject)s ${1+1}"])
def test_text__template_code__stays_as_it_is(ticket: Ticket, lead: Staff, code: str) -> None:
    canned.add(by=lead, wording=wording(text=code))
    assert offered(ticket, lead) == [("hello", code)]


@pytest.mark.parametrize(("language", "said"), [("zh", "您好"), ("zh-hans", "您好"), ("en", "Hello"), ("de", "Hello")])
def test_text__is_in_the_tickets_language__english_where_there_is_no_other(
    ticket: Ticket, lead: Staff, language: str, said: str
) -> None:
    canned.add(by=lead, wording=wording(text="Hello", text_zh_hans="您好"))
    canned.add(by=lead, wording=wording("only", text="English only"))
    Ticket.objects.filter(pk=ticket.pk).update(language=language)
    ticket.refresh_from_db()
    assert offered(ticket, lead) == [("hello", said), ("only", "English only")]


@pytest.mark.attack("I2")
@pytest.mark.parametrize("text", ["Send me your password", "See https://evil.example/x"])
def test_text__that_would_be_held_back__is_not_kept(lead: Staff, text: str) -> None:
    for given in ({"text": text}, {"text": "Fine", "text_zh_hans": text}, {"text": "Fine", "title": text}):
        with pytest.raises(errors.NotToBeSent):
            canned.add(by=lead, wording=wording(**given))
    assert not CannedReply.objects.exists()


def test_scopes__own_of_a_team_and_everybodys__reach_whom_they_are_for(
    ticket: Ticket, agent: Staff, lead: Staff
) -> None:
    team: Team = TeamFactory.create()
    team.memberships.create(staff=agent)
    other: Staff = StaffFactory.create(role="agent")
    canned.add(by=lead, wording=wording("all", "1"))
    canned.add(by=lead, wording=wording("team", "2"), team=team)
    canned.add(by=agent, wording=wording("own", "3"), is_own=True)
    canned.add(by=lead, wording=wording("off", "4", is_active=False))
    assert offered(ticket, agent) == [("all", "1"), ("own", "3"), ("team", "2")]
    assert offered(ticket, other) == [("all", "1")]


def test_same_shortcut__in_each_scope__ones_own_is_first_and_twice_is_refused(
    ticket: Ticket, agent: Staff, lead: Staff
) -> None:
    canned.add(by=lead, wording=wording(text="everybody"))
    canned.add(by=agent, wording=wording(text="mine"), is_own=True)
    assert [text for _shortcut, text in offered(ticket, agent)] == ["mine", "everybody"]
    with pytest.raises(canned.ShortcutTaken):
        canned.add(by=lead, wording=wording(text="again"))


def test_agent__shares_nothing_and_changes_only_their_own(agent: Staff, lead: Staff) -> None:
    with pytest.raises(errors.Refused):
        canned.add(by=agent, wording=wording())
    shared = canned.add(by=lead, wording=wording())
    own = canned.add(by=agent, wording=wording("mine"), is_own=True)
    for row, by in ((shared, agent), (own, lead)):
        with pytest.raises(errors.Refused):
            canned.change(reply=row, by=by, wording=wording("taken", "over"))
    canned.change(reply=own, by=agent, wording=wording("mine", "Better"))
    own.refresh_from_db()
    assert own.text == "Better"
    told = AuditEntry.objects.filter(object_id=own.public_id).order_by("pk").values_list("action", "fields")
    assert [action for action, _fields in told] == ["cannedreply.created", "cannedreply.changed"]
    assert told[1][1] == ["text"]


def test_used__counts_what_one_may_use_alone(agent: Staff, lead: Staff) -> None:
    own = canned.add(by=agent, wording=wording(), is_own=True)
    assert canned.used(reply=own.public_id, by=agent)
    assert canned.used(reply=own.public_id, by=agent)
    assert not canned.used(reply=own.public_id, by=lead)
    own.refresh_from_db()
    assert own.used == 2


def test_person__who_may_reply_no_more__finds_none(agent: Staff, client: Client) -> None:
    own = canned.add(by=agent, wording=wording(), is_own=True)
    Staff.objects.filter(pk=agent.pk).update(role="light_agent")
    person = Staff.objects.get(pk=agent.pk)
    browser = signed_in(client, person)
    assert browser.get(f"/desk/canned/{own.public_id}/").status_code == 404
    assert browser.post(f"/desk/canned/{own.public_id}/used/").status_code == 404
    assert browser.get("/desk/canned/").status_code == 403


def test_database__refuses_two_scopes_and_other_shortcuts(agent: Staff, lead: Staff) -> None:
    own = canned.add(by=agent, wording=wording(), is_own=True)
    rows = CannedReply.objects.filter(pk=own.pk)
    for change in ({"team": TeamFactory.create()}, {"shortcut": "No Way"}, {"owner": lead}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


def test_pages__lead_adds_and_changes__agent_reads(client: Client, agent: Staff, lead: Staff) -> None:
    browser = signed_in(client, lead)
    data = {"shortcut": "late", "title": "Late", "scope": "all", "text": "Sorry {customer}.", "is_active": "on"}
    refused = browser.post("/desk/canned/new/", {**data, "text": "Sorry {name}."})
    assert refused.status_code == 422
    assert "placeholder" in refused.content.decode()
    assert browser.post("/desk/canned/new/", data).status_code == 302
    row = CannedReply.objects.get()
    page = browser.get(f"/desk/canned/{row.public_id}/")
    assert "Sorry {customer}." in page.content.decode()
    assert browser.post(f"/desk/canned/{row.public_id}/", {**data, "title": "Too late"}).status_code == 302

    theirs = signed_in(Client(), agent)
    listed = theirs.get("/desk/canned/").content.decode()
    assert "Too late" in listed
    assert f"/desk/canned/{row.public_id}/" not in listed
    assert theirs.get(f"/desk/canned/{row.public_id}/").status_code == 404
    assert "Everybody" not in theirs.get("/desk/canned/new/").content.decode()
    sneaky = theirs.post("/desk/canned/new/", {**data, "shortcut": "mine"})
    assert sneaky.status_code == 422
    assert CannedReply.objects.count() == 1


def test_admin__same_shortcut_of_the_same_team_or_what_is_held_back__is_refused_in_words(
    client: Client, admin: Staff, lead: Staff
) -> None:
    canned.add(by=lead, wording=wording())
    browser = signed_in(client, admin)
    data = {"shortcut": "hello", "title": "Hello", "text": "Hi", "is_active": "on"}
    for given, words in (({}, "already"), ({"shortcut": "x", "text": "{name}"}, "placeholder")):
        answer = browser.post("/admin/tickets/cannedreply/add/", {**data, **given})
        assert answer.status_code == 200
        assert words in answer.content.decode()
    assert CannedReply.objects.count() == 1
    team: Team = TeamFactory.create()
    assert browser.post("/admin/tickets/cannedreply/add/", {**data, "team": str(team.pk)}).status_code == 302


def test_door__of_the_composer__is_the_tickets(client: Client, ticket: Ticket, agent: Staff, lead: Staff) -> None:
    row = canned.add(by=lead, wording=wording())
    browser = signed_in(client, agent)
    told = browser.get(f"/desk/tickets/{ticket.public_id}/canned/").json()["replies"]
    assert [(one["id"], one["text"]) for one in told] == [(row.public_id, "Hello Mina!")]
    assert browser.post(f"/desk/canned/{row.public_id}/used/").status_code == 204
    assert browser.get("/desk/tickets/aaaaaaaaaaaaaaaaaaaa/canned/").status_code == 404
