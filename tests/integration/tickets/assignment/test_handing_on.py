"""Tickets that leave somebody: passed on, taken back, given back, and moved on to another team."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Presence, Staff, Team
from core.clock import from_now
from core.models import AuditEntry
from livechat.services import presence
from security.services import sessions
from tests.cast import open_session, signed_in
from tests.factories.accounts import TeamFactory
from tests.integration.tickets.assignment.conftest import AtWork, Waits
from tickets.models import Decision, Message, Ticket
from tickets.selectors import timeline_events
from tickets.services import assignment, handing_on, properties, replies
from tickets.services.handing_on import NotYours
from tickets.services.senders import Sender


def has(ticket: Ticket) -> str:
    found = Ticket.objects.select_related("assignee").get(pk=ticket.pk)
    return found.assignee.name if found.assignee else ""


def online_again() -> None:
    """Everybody's desk is open and somebody at it."""
    Presence.objects.update(seen_at=from_now(timedelta(0)), active_at=from_now(timedelta(0)))


def event_of(ticket: Ticket, name: str) -> str:
    """Return what the timeline says of it."""
    found = list(ticket.messages.filter(event=name).select_related("staff"))
    return timeline_events.shown(found[-1], timeline_events.names_in(found)).text


def test_pass_on__by_its_assignee__goes_to_the_next_and_not_back_at_once(
    at_work: AtWork, waits: Waits, move_time: Any
) -> None:
    ada = at_work("Ada")
    ben = at_work("Ben")
    ticket = waits()
    assignment.assign_waiting()
    assert has(ticket) == "Ada"
    handing_on.pass_on(ticket=ticket, by=ada)
    assert event_of(ticket, "assignment_passed_on") == "Ada passed the ticket on to the next."
    assignment.assign_waiting()
    assert has(ticket) == "Ben"
    handing_on.pass_on(ticket=ticket, by=ben)
    assert assignment.assign_waiting() == 0
    move_time(timedelta(minutes=31))
    online_again()
    assert assignment.assign_waiting() == 1
    assert has(ticket) == "Ada"


def test_pass_on__by_anybody_else__is_refused(at_work: AtWork, waits: Waits) -> None:
    at_work("Ada")
    ticket = waits()
    assignment.assign_waiting()
    with pytest.raises(NotYours):
        handing_on.pass_on(ticket=ticket, by=at_work("Ben"))
    assert has(ticket) == "Ada"


def test_take_back__nothing_done_in_time__goes_to_the_next(
    team: Team, at_work: AtWork, waits: Waits, move_time: Any
) -> None:
    Team.objects.update(take_back_after_min=20)
    ada = at_work("Ada", ticket_capacity=2)
    at_work("Ben", ticket_capacity=2)
    done, idle = waits(), waits()
    Presence.objects.filter(staff__name="Ben").update(state="away")
    assignment.assign_waiting()
    replies.add_note(ticket=done, author=ada, text="I look into it.")
    Presence.objects.update(state="online")
    move_time(timedelta(minutes=19))
    assert handing_on.take_back() == 0
    move_time(timedelta(minutes=2))
    online_again()
    assert handing_on.take_back() == 1
    assert handing_on.take_back() == 0
    assert event_of(idle, "assignment_taken_back") == "Nothing was done in time: the ticket was taken back from Ada."
    assignment.assign_waiting()
    assert (has(done), has(idle)) == ("Ada", "Ben")


def test_give_back__after_going_offline__returns_what_nobody_answered(
    team: Team, at_work: AtWork, waits: Waits, move_time: Any
) -> None:
    Team.objects.update(gives_back=True)
    ada = at_work("Ada")
    answered, untouched = waits(), waits()
    assignment.assign_waiting()
    replies.add(ticket=answered, sender=Sender.of_staff(ada), channel="email", words=replies.Words(text="Hello"))
    presence.say(person=ada, state="offline")
    assert handing_on.give_back() == 0
    move_time(timedelta(minutes=3))
    assert handing_on.give_back() == 1
    assert (has(answered), has(untouched)) == ("Ada", "")
    assert event_of(untouched, "assignment_given_back") == "Ada has left: the ticket was given back unanswered."
    assert AuditEntry.objects.filter(action="ticket.assignment_decided", object_id=untouched.public_id).exists()
    # What a lead gives somebody who is gone stays theirs.
    properties.assign(ticket=untouched, to=ada, by=ada)
    assert handing_on.give_back() == 0


def test_give_back__team_that_does_not__leaves_it(at_work: AtWork, waits: Waits, move_time: Any) -> None:
    ada = at_work("Ada")
    ticket = waits()
    assignment.assign_waiting()
    presence.say(person=ada, state="offline")
    move_time(timedelta(minutes=3))
    assert handing_on.give_back() == 0
    assert has(ticket) == "Ada"


def test_sweep_of_presence__signed_out__is_offline_at_once(at_work: AtWork, move_time: Any) -> None:
    ada, ben = at_work("Ada"), at_work("Ben")
    rows = [open_session(person)[1] for person in (ada, ben, ben)]
    for row in rows[:2]:
        sessions.end(session=row, reason="signed_out", actor=ada.actor)
    assert presence.sweep() == 1
    assert list(Presence.objects.order_by("pk").values_list("state", "reason")) == [("offline", "left"), ("online", "")]


def test_give_back__several_sweepers_and_an_answer_at_once__never_loses_an_answered_ticket(
    clone_db: str, race: Any, team: Team, at_work: AtWork, waits: Waits
) -> None:
    Team.objects.update(gives_back=True)
    ada = at_work("Ada")
    tickets = [waits() for _number in range(4)]
    assignment.assign_waiting()
    presence.say(person=ada, state="offline")
    Presence.objects.update(changed_at=from_now(-timedelta(minutes=3)))
    words = replies.Words(text="Hello")
    say = [
        partial(replies.add, ticket=one, sender=Sender.of_staff(ada), channel="email", words=words) for one in tickets
    ]
    outcomes = race(*[handing_on.give_back] * 4, *say)
    assert not [one for one in outcomes if isinstance(one, BaseException)]
    for ticket in tickets:
        given_back = Decision.objects.filter(ticket=ticket, kind="given_back").count()
        assert given_back <= 1
        # Given back before the answer at most, and then whoever answers has it again: never after the answer.
        told = Message.objects.filter(ticket=ticket).order_by("seq").values_list("kind", "event")
        order = [event or kind for kind, event in told if event == "assignment_given_back" or kind == "reply"]
        assert order[-1] == "reply"
        assert has(ticket) == "Ada"


def test_overflow__nobody_took_it_in_time__goes_to_the_other_team_once(
    team: Team, at_work: AtWork, waits: Waits, move_time: Any
) -> None:
    other = TeamFactory.create(name="Second", slug="second", overflow_team=team, overflow_after_min=1)
    Team.objects.filter(pk=team.pk).update(overflow_team=other, overflow_after_min=10)
    ticket = waits()
    assert handing_on.overflow() == 0
    move_time(timedelta(minutes=11))
    assert handing_on.overflow() == 1
    assert Ticket.objects.get(pk=ticket.pk).team == other
    assert event_of(ticket, "assignment_overflowed") == "Nobody took it in time: Second has it now."
    move_time(timedelta(minutes=11))
    assert handing_on.overflow() == 0


def test_overflow__time_begins_with_the_last_thing_that_made_it_wait(
    team: Team, at_work: AtWork, waits: Waits, move_time: Any
) -> None:
    other = TeamFactory.create(name="Second", slug="second")
    Team.objects.filter(pk=team.pk).update(overflow_team=other, overflow_after_min=10)
    ada = at_work("Ada")
    ticket = waits()
    assignment.assign_waiting()
    move_time(timedelta(minutes=11))
    handing_on.pass_on(ticket=ticket, by=ada)
    assert handing_on.overflow() == 0
    move_time(timedelta(minutes=11))
    assert handing_on.overflow() == 1


def test_why__for_who_has_it_and_leads__tells_of_everybody(
    client: Client, at_work: AtWork, waits: Waits, lead: Staff
) -> None:
    ada, ben = at_work("Ada", idle_since=from_now(-timedelta(minutes=5))), at_work("Ben")
    ticket = waits()
    assignment.assign_waiting()
    path = reverse("desk:why", args=[ticket.public_id])
    for person in (ada, lead):
        page = signed_in(client, person).get(path).content.decode()
        assert "Of those who were free they had been idle the longest." in page
        assert "Free, but it was not their turn" in page
    assert signed_in(client, ben).get(path).status_code == 404
    assert "Why me?" in signed_in(client, ada).get(reverse("desk:ticket", args=[ticket.public_id])).content.decode()
    assert client.post(reverse("desk:pass_on", args=[ticket.public_id])).status_code == 302
    assert has(ticket) == ""
    # A colleague's own word, and not an error, for what is not theirs.
    assert client.post(reverse("desk:pass_on", args=[ticket.public_id])).status_code == 302
    assert Decision.objects.filter(kind="passed_on").count() == 1
