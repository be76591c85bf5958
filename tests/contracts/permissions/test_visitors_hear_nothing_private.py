"""Whatever happens at the desk, a visitor's socket hears public numbers of their own conversation and nothing else."""

from typing import Any, get_args

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from pydantic import ValidationError

from accounts.models import Staff
from core import broadcast
from livechat import events
from livechat.groups import visitor_group
from livechat.models import Visitor
from tests.contracts.permissions import doors, matrix
from tests.factories.accounts import TeamFactory
from tests.factories.livechat import said, started
from tests.factories.tickets import TopicFactory
from tests.support.chat_socket import ChatSocket
from tickets import events as desk
from tickets.groups import public_ticket_group
from tickets.models import Ticket
from tickets.services import properties, replies

# Said on both sockets, in one shape that names nothing.
SHARED = {"session.revoked", "pong"}
SAMPLES = {"ticket": "a" * 20, "offer": "a" * 20, "seq": 7, "public_seq": 7, "version": 3, "fields": ("priority",)}
SAMPLES |= {"tickets": ("a" * 20,), "counts": True}


def sample(member: Any) -> dict[str, Any]:
    """Return an event of this class, every field filled."""
    given = {name: SAMPLES[name] for name in member.model_fields if name != "type"}
    found: dict[str, Any] = member(**given).model_dump(mode="json")
    return found


DESK = {event["type"]: event for event in map(sample, get_args(get_args(desk.DeskEvent)[0]))}


def at_the_desk(ticket: Ticket, agent: Staff) -> None:
    """Do everything that customers must not hear of."""
    replies.add_note(ticket=ticket, author=agent, text="Suspicious, ask compliance.")
    properties.set_priority(ticket=ticket, to="urgent", by=agent)
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    properties.set_tags(ticket=ticket, names=["suspicious"], by=agent)
    properties.assign(ticket=ticket, to=agent, by=agent)
    properties.move_to_team(ticket=ticket, to=TeamFactory.create(), by=agent)


async def heard(visitor: Visitor, token: str, act: Any) -> list[dict[str, Any]]:
    """Do it while the visitor listens, then say the last thing; return what came before that."""
    socket = await ChatSocket().welcomed(token)
    await database_sync_to_async(act)()
    await database_sync_to_async(said)(visitor, "And?", "the last one")
    found = await socket.until("message.added")
    await socket.leave()
    return found[:-1]


def test_events__of_visitors__carry_public_numbers_and_nothing_else() -> None:
    for member in get_args(get_args(events.ChatEvent)[0]):
        assert set(member.model_fields) <= {"type", "public_seq", "position"}, member


def test_samples__of_every_event_of_the_desk__are_tried_below() -> None:
    assert DESK.keys() == doors.event_types()
    assert set(matrix.CHAT_EVENTS) == doors.chat_event_types()
    for kind, sent in DESK.items():
        if kind not in SHARED:
            with pytest.raises(ValidationError):
                events.CHAT_EVENTS.validate_python(sent)


def test_acts_at_the_desk__are_not_to_be_heard(clone_db: str, agent: Staff) -> None:
    visitor, token = started()
    ticket = said(visitor).chat.ticket
    assert async_to_sync(heard)(visitor, token, lambda: at_the_desk(ticket, agent)) == []


@pytest.mark.attack("D4")
@pytest.mark.parametrize("kind", sorted(doors.event_types() - SHARED))
def test_desk_event__sent_to_a_visitors_group_by_mistake__is_dropped(clone_db: str, kind: str) -> None:
    assert kind in matrix.EVENTS
    visitor, token = started()
    ticket = said(visitor).chat.ticket

    def mistake() -> None:
        for group in (visitor_group(visitor.public_id), public_ticket_group(ticket.public_id)):
            broadcast.publish(group, {"type": "public.event", "event": DESK[kind]})

    assert async_to_sync(heard)(visitor, token, mistake) == []


def test_public_event__sent_the_same_way__is_heard(clone_db: str) -> None:
    visitor, token = started()
    ticket = said(visitor).chat.ticket
    event = desk.PublicMessageChanged(public_seq=1).model_dump(mode="json")

    def act() -> None:
        broadcast.publish(public_ticket_group(ticket.public_id), {"type": "public.event", "event": event})

    assert async_to_sync(heard)(visitor, token, act) == [event]
