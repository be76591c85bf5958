"""The desk's socket: hints arrive once, rights are read again, and nothing but known frames is taken."""

import asyncio
import json
import threading
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from accounts.models import Staff
from core.audit import SYSTEM
from security.services import sessions
from tests.cast import open_session
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import answer, mail_ticket
from tests.support.desk_socket import PATIENCE_S, DeskSocket
from tickets.events import MessageAdded
from tickets.groups import ticket_group
from tickets.models import Ticket
from tickets.services import properties


async def watching(key: str, ticket: Ticket, since: int = 0) -> tuple[DeskSocket, list[dict[str, Any]]]:
    socket = DeskSocket(key)
    assert await socket.connect() == "websocket.accept"
    await socket.tell({"type": "subscribe", "ticket": ticket.public_id, "since": since})
    await socket.tell({"type": "ping"})
    return socket, await socket.until("pong")


def test_subscribe__behind__is_told_at_once__and_in_step_is_not(clone_db: str, agent: Staff) -> None:
    ticket = mail_ticket()
    key, _row = open_session(agent)

    async def story(since: int) -> list[str]:
        socket, told = await watching(key, ticket, since)
        await socket.leave()
        return [event["type"] for event in told]

    assert async_to_sync(story)(0) == ["message.added", "pong"]
    assert async_to_sync(story)(1) == ["pong"]


def test_reply__reaches_the_watching_socket__with_ids_and_numbers_only(clone_db: str, agent: Staff) -> None:
    ticket = mail_ticket()
    key, _row = open_session(agent)

    async def story() -> dict[str, Any]:
        socket, _told = await watching(key, ticket, since=1)
        await database_sync_to_async(answer)(ticket, "secret words")
        event = (await socket.until("message.added"))[-1]
        await socket.leave()
        return event

    assert async_to_sync(story)() == {"type": "message.added", "ticket": ticket.public_id, "seq": 2, "public_seq": 2}


def test_hint__while_the_databases_thread_is_busy__is_told(clone_db: str, agent: Staff) -> None:
    ticket = mail_ticket()
    key, _row = open_session(agent)
    is_done = threading.Event()

    async def story() -> dict[str, Any]:
        socket, _told = await watching(key, ticket, since=1)
        busy = asyncio.create_task(database_sync_to_async(is_done.wait)(2 * PATIENCE_S))
        event = MessageAdded(ticket=ticket.public_id, seq=2, public_seq=2).model_dump(mode="json")
        layer = get_channel_layer()
        assert layer is not None
        try:
            await layer.group_send(ticket_group(ticket.public_id), {"type": "desk.event", "event": event})
            return (await socket.until("message.added"))[-1]
        finally:
            is_done.set()
            await busy
            await socket.leave()

    assert async_to_sync(story)()["seq"] == 2


@pytest.mark.attack("D4")
def test_session__ended_elsewhere__closes_the_socket(clone_db: str, agent: Staff) -> None:
    ticket = mail_ticket()
    key, row = open_session(agent)

    async def story() -> int:
        socket, _told = await watching(key, ticket)
        await database_sync_to_async(sessions.end)(session=row, reason="revoked", actor=SYSTEM)
        assert (await socket.until("session.revoked"))[-1]["type"] == "session.revoked"
        return await socket.close_code()

    assert async_to_sync(story)() == 4401


@pytest.mark.attack("D4")
def test_rights__lost_while_open__no_hint_follows(clone_db: str, agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    other = mail_ticket(address="other@example.com")
    secret = TeamFactory.create(is_restricted=True)
    key, _row = open_session(agent)

    async def story() -> tuple[list[str], list[dict[str, Any]]]:
        socket, _told = await watching(key, ticket, since=1)
        await database_sync_to_async(properties.move_to_team)(ticket=ticket, to=secret, by=lead)
        left = await socket.until_row(ticket.public_id)
        if "ticket.changed" not in {event["type"] for event in left}:
            left += await socket.until("ticket.changed")
        await database_sync_to_async(answer)(ticket, "now hidden")
        await database_sync_to_async(answer)(other, "still seen")
        found = await socket.until_row(other.public_id)
        await socket.leave()
        return [event["type"] for event in left], found

    left, told = async_to_sync(story)()
    assert sorted(left) == ["rows.changed", "ticket.changed"]
    assert ticket.public_id not in json.dumps(told)


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        '{"type": "subscribe_all"}',
        '{"type": "subscribe", "ticket": "abc", "admin": true}',
        '{"type": "subscribe", "since": -1}',
        '{"type": "ping", "pad": "' + "x" * 5_000 + '"}',
    ],
)
def test_frame__outside_the_closed_set__closes_the_socket(clone_db: str, agent: Staff, frame: str) -> None:
    key, _row = open_session(agent)

    async def story() -> int:
        socket = DeskSocket(key)
        await socket.connect()
        await socket.tell(frame)
        return await socket.close_code()

    assert async_to_sync(story)() == 1008


@pytest.mark.attack("D4")
@pytest.mark.parametrize("ticket", ["%", "*", "ticket.%", "aaaaaaaaaaaaaaaaaaaa"])
def test_subscribe__to_what_is_not_theirs__is_refused(clone_db: str, agent: Staff, ticket: str) -> None:
    key, _row = open_session(agent)

    async def story() -> list[str]:
        socket = DeskSocket(key)
        await socket.connect()
        await socket.tell({"type": "subscribe", "ticket": ticket})
        await socket.tell({"type": "ping"})
        found = [event["type"] for event in await socket.until("pong")]
        await socket.leave()
        return found

    assert async_to_sync(story)() == ["subscription.refused", "pong"]


def test_handshake__from_a_foreign_origin__is_refused(clone_db: str, agent: Staff) -> None:
    key, _row = open_session(agent)

    async def story() -> str:
        return await DeskSocket(key, origin="https://evil.example").connect()

    assert async_to_sync(story)() == "websocket.close"
