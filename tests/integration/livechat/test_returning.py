"""Chats whose agent has left ring again; chats that nobody of their team takes go to another."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Presence, Staff, Team
from core.clock import from_now
from core.models import AuditEntry
from livechat.models import Chat, Offer
from livechat.services import presence, returning, routing
from security.services import sessions
from tests.cast import open_session
from tests.factories.accounts import TeamFactory
from tests.factories.livechat import said
from tests.integration.livechat.conftest import Online, Waiting
from tickets.models import Decision
from tickets.services import replies
from tickets.services.senders import Sender


def taken_by(person: Staff, chat: Chat) -> None:
    routing.route()
    routing.accept(offer=Offer.objects.open().get(staff=person, chat=chat).public_id, by=person)


def at_the_desk(*people: Staff) -> None:
    Presence.objects.filter(staff__in=people).update(seen_at=from_now(timedelta(0)), active_at=from_now(timedelta(0)))


def test_sweep__desk_closed_for_two_minutes__rings_at_the_next(
    online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    ada = online("Ada", team=team)
    chat = waiting()
    taken_by(ada, chat)
    ben = online("Ben", team=team)
    move_time(timedelta(seconds=100))
    assert returning.sweep() == 0
    move_time(timedelta(seconds=30))
    at_the_desk(ben)
    assert returning.sweep() == 1
    assert returning.sweep() == 0
    chat.refresh_from_db()
    assert (chat.accepted_at, chat.ticket.assignee_id) == (None, None)
    assert routing.route() == 1
    assert Offer.objects.open().get().staff == ben
    assert "chat_given_back" in chat.ticket.messages.values_list("event", flat=True)
    assert AuditEntry.objects.get(action="chat.given_back").object_id == chat.public_id
    assert list(Decision.objects.order_by("pk").values_list("kind", flat=True)) == ["rung", "given_back", "rung"]


@pytest.mark.parametrize("what", ["answered", "at the keyboard", "desk open", "offline at an open desk"])
def test_sweep__agent_who_is_there_or_has_answered__keeps_it(
    online: Online, waiting: Waiting, team: Team, move_time: Any, what: str
) -> None:
    ada = online("Ada", team=team)
    chat = waiting()
    taken_by(ada, chat)
    _key, session = open_session(ada)
    if what == "answered":
        words = replies.Words(text="One moment")
        replies.add(ticket=chat.ticket, sender=Sender.of_staff(ada), channel="chat", words=words)
    elif what.startswith("offline"):
        presence.say(person=ada, state="offline")
    move_time(timedelta(minutes=3))
    if what == "at the keyboard":
        presence.active(person=ada)
    elif what != "answered":
        presence.heard_from({session.pk})
    assert returning.sweep() == 0
    if what == "answered":
        said(chat.visitor, "Are you there?", "two")
        assert returning.sweep() == 1


def test_sweep__signed_out__rings_again_at_once(online: Online, waiting: Waiting, team: Team) -> None:
    ada = online("Ada", team=team)
    chat = waiting()
    taken_by(ada, chat)
    _key, session = open_session(ada)
    sessions.end(session=session, reason="signed_out", actor=ada.actor)
    online("Ben", team=team)
    presence.sweep()
    assert returning.sweep() == 1
    assert routing.route() == 1
    assert Offer.objects.open().get().staff.name == "Ben"


def test_sweep__nobody_of_the_team_in_time__goes_to_the_other_team_once(
    online: Online, waiting: Waiting, team: Team, move_time: Any
) -> None:
    second = TeamFactory.create(name="Second", slug="second", overflow_team=team, overflow_after_min=1)
    Team.objects.filter(pk=team.pk).update(overflow_team=second, overflow_after_min=5)
    chat = waiting()
    assert returning.sweep() == 0
    move_time(timedelta(minutes=6))
    assert returning.sweep() == 1
    chat.ticket.refresh_from_db()
    assert chat.ticket.team == second
    ben = online("Ben", team=second)
    assert routing.route() == 1
    assert Offer.objects.open().get().staff == ben
    move_time(timedelta(minutes=6))
    assert returning.sweep() == 0


def test_route__by_the_teams_own_method__and_why_is_kept(online: Online, waiting: Waiting, team: Team) -> None:
    Team.objects.update(method="round_robin")
    ada, ben = online("Ada", team=team), online("Ben", team=team)
    for person in (ada, ben):
        taken_by(person, waiting())
    Presence.objects.filter(staff=ben).update(idle_since=from_now(-timedelta(hours=1)))
    taken_by(ada, waiting())
    assert list(Decision.objects.order_by("pk").values_list("staff__name", "method")) == [
        ("Ada", "round_robin"), ("Ben", "round_robin"), ("Ada", "round_robin"),
    ]  # fmt: skip
