"""A chat in hand: handed over with a summary, taken over by a lead, ended and wrapped up with its reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Presence, Staff, Team
from livechat.models import Chat, Offer
from livechat.refusals import NotReachable, SummaryNeeded
from livechat.selectors import console
from livechat.services import chats, handling, routing
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.livechat import said
from tests.factories.tickets import TopicFactory
from tests.integration.livechat.conftest import Online, Waiting
from tickets.models import Ticket
from tickets.selectors.assignment import with_taken
from tickets.services import errors, replies
from tickets.services.senders import Sender

SUMMARY = "Waits for a deposit; hash checked, two confirmations missing."


@pytest.fixture
def in_hand(online: Online, waiting: Waiting, team: Team) -> tuple[Staff, Chat]:
    ada = online("Ada", team=team)
    waiting()
    routing.route()
    return ada, routing.accept(offer=Offer.objects.open().get().public_id, by=ada)


def ticket_of(chat: Chat) -> Ticket:
    return Ticket.objects.get(pk=chat.ticket_id)


def test_transfer__to_a_colleague_who_is_there__is_theirs_with_a_note(
    in_hand: tuple[Staff, Chat], online: Online, team: Team
) -> None:
    ada, chat = in_hand
    ben = online("Ben", team=team)
    handling.transfer(chat=chat, to=ben, by=ada, summary=SUMMARY)

    ticket = ticket_of(chat)
    assert ticket.assignee == ben
    note = ticket.messages.get(kind="note")
    assert (note.text, note.staff, note.public_seq) == (SUMMARY, ada, None)
    assert "chat_transferred" in ticket.messages.values_list("event", flat=True)
    assert [one.ticket for one in console.mine(ben)] == [ticket.public_id]
    assert console.mine(ada) == []


def test_transfer__without_summary_or_to_whoever_is_away__is_refused_and_changes_nothing(
    in_hand: tuple[Staff, Chat], online: Online, team: Team
) -> None:
    ada, chat = in_hand
    ben = online("Ben", team=team)
    with pytest.raises(SummaryNeeded):
        handling.transfer(chat=chat, to=ben, by=ada, summary=" short ")
    Presence.objects.filter(staff=ben).update(state="away")
    with pytest.raises(NotReachable):
        handling.transfer(chat=chat, to=ben, by=ada, summary=SUMMARY)
    ticket = ticket_of(chat)
    assert ticket.assignee == ada
    assert not ticket.messages.filter(kind="note").exists()


def test_transfer__to_a_team__waits_and_rings_there(
    in_hand: tuple[Staff, Chat], online: Online, move_time: Any
) -> None:
    ada, chat = in_hand
    replies.add(
        ticket=chat.ticket, sender=Sender.of_staff(ada), channel="chat", words=replies.Words(text="One moment.")
    )
    other = TeamFactory.create(name="Cards", slug="cards")
    cleo = online("Cleo", team=other)
    move_time(timedelta(seconds=5))
    handling.transfer(chat=chat, to=other, by=ada, summary=SUMMARY)

    assert (ticket_of(chat).assignee, ticket_of(chat).team) == (None, other)
    assert routing.route() == 1
    assert Offer.objects.open().get().staff == cleo
    routing.accept(offer=Offer.objects.open().get().public_id, by=cleo)
    assert ticket_of(chat).assignee == cleo


def test_take_over__by_a_lead__is_theirs__and_by_nobody_else(
    in_hand: tuple[Staff, Chat], lead: Staff, agent: Staff
) -> None:
    _ada, chat = in_hand
    with pytest.raises(errors.Refused):
        handling.take_over(chat=chat, by=agent)
    handling.take_over(chat=chat, by=lead)
    assert ticket_of(chat).assignee == lead
    assert "chat_taken_over" in ticket_of(chat).messages.values_list("event", flat=True)


def test_wrap_up__needs_a_reason__then_ends_resolves_and_frees_the_place(in_hand: tuple[Staff, Chat]) -> None:
    ada, chat = in_hand
    assert with_taken(Presence.objects.all(), "chat").get(staff=ada).taken == 1  # type: ignore[attr-defined]
    with pytest.raises(errors.TopicNeeded):
        handling.wrap_up(chat=chat, by=ada, topic=None, then="resolved")
    assert Chat.objects.get(pk=chat.pk).ended_at is None
    topic = TopicFactory.create()
    handling.wrap_up(chat=chat, by=ada, topic=topic, then="resolved")
    handling.wrap_up(chat=chat, by=ada, topic=topic, then="resolved")

    ended = Chat.objects.get(pk=chat.pk)
    ticket = ticket_of(chat)
    assert (ticket.status, ticket.topic) == ("resolved", topic)
    assert ended.ended_at is not None
    assert ended.wrapped_at is not None
    assert ticket.messages.filter(event="chat_wrapped_up").count() == 1
    assert with_taken(Presence.objects.all(), "chat").get(staff=ada).taken == 0  # type: ignore[attr-defined]
    assert console.mine(ada) == []


def test_mine__unread_and_waiting__as_the_visitor_writes_and_we_answer(in_hand: tuple[Staff, Chat]) -> None:
    ada, chat = in_hand
    said(chat.visitor, "Hello?", "two")
    (one,) = console.mine(ada)
    assert (one.unread, one.waiting_since is not None, one.is_over) == (2, True, False)
    replies.add(ticket=chat.ticket, sender=Sender.of_staff(ada), channel="chat", words=replies.Words(text="Yes."))
    (one,) = console.mine(ada)
    assert one.waiting_since is None
    chats.end(chat=chat)
    (one,) = console.mine(ada)
    assert one.is_over


def test_panel__doors__refuse_in_place_and_act(client: Client, in_hand: tuple[Staff, Chat]) -> None:
    ada, chat = in_hand
    signed_in(client, ada)
    public_id = chat.ticket.public_id
    fragment = {"hx-request": "true", "hx-request-type": "partial"}
    assert client.get(reverse("chat:panel", args=[public_id])).status_code == 200
    refused = client.post(reverse("chat:transfer", args=[public_id]), {"to": "person:none"}, headers=fragment)
    assert refused.status_code == 422
    assert "Choose a colleague or a team." in refused.content.decode()
    data = {"topic": TopicFactory.create().slug, "then": "pending"}
    assert client.post(reverse("chat:wrap_up", args=[public_id]), data, headers=fragment).status_code == 200
    assert ticket_of(chat).status == "pending"
