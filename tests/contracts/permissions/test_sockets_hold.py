"""The desk's socket as every person: who is let in, and whose tickets a subscription opens."""

import json
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings

from tests.contracts.permissions import matrix, routes, world
from tests.contracts.permissions.world import World
from tests.support.desk_socket import DeskSocket
from tickets import groups, realtime
from tickets.events import MessageChanged
from tickets.models.ticket import TicketQuerySet

PEOPLE = sorted(routes.STAFF | routes.BEFORE)
NOT_SIGNED_IN = 4401
LAST_SEQ = 1_000_000
PATIENCE_S = 10


@pytest.fixture
def where(clone_db: str) -> World:
    return world.build()


def cookie_of(where: World, who: str) -> str:
    return world.browser(where, who).cookies.output(header="", sep=";").strip()


class Socket(ApplicationCommunicator):
    """One browser tab's socket, as the server sees it."""

    def __init__(self, cookie: str, origin: str) -> None:
        headers = [(b"cookie", cookie.encode()), (b"origin", origin.encode())]
        scope = {"type": "websocket", "path": "/ws/desk/", "query_string": b"", "headers": headers, "subprotocols": []}
        super().__init__(import_module("helpdesk.asgi").application, scope)

    async def connect(self) -> str:
        await self.send_input({"type": "websocket.connect"})
        return str((await self.receive_output(PATIENCE_S))["type"])

    async def answer(self) -> Any:
        return json.loads((await self.receive_output(PATIENCE_S))["text"])


async def closes_with(socket: Socket) -> int:
    assert await socket.connect() == "websocket.accept"
    event = await socket.receive_output(PATIENCE_S)
    assert event["type"] == "websocket.close"
    return int(event["code"])


async def answers(socket: Socket, frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send the frames and return everything that came before the pong to a last ping."""
    assert await socket.connect() == "websocket.accept"
    for frame in [*frames, {"type": "ping"}]:
        await socket.send_input({"type": "websocket.receive", "text": json.dumps(frame)})
    found: list[dict[str, Any]] = []
    while (answer := await socket.answer())["type"] != "pong":
        found.append(answer)
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(PATIENCE_S)
    return found


async def refuses(socket: Socket) -> bool:
    return await socket.connect() == "websocket.close"


def opened(where: World, who: str, cookie: str) -> set[str]:
    """Subscribe to every ticket of the world; return the kinds that were not refused."""
    socket = Socket(cookie, settings.SITE_URL)
    if who in routes.BEFORE:
        assert async_to_sync(closes_with)(socket) == NOT_SIGNED_IN
        return set()
    frames = [{"type": "subscribe", "ticket": ticket.public_id, "since": 0} for ticket in where.tickets.values()]
    told = async_to_sync(answers)(socket, frames)
    refused = {answer["ticket"] for answer in told if answer["type"] == "subscription.refused"}
    behind = {answer["ticket"] for answer in told if answer["type"] == "message.added"}
    assert refused.isdisjoint(behind)
    assert refused | behind == {ticket.public_id for ticket in where.tickets.values()}
    return {kind for kind, ticket in where.tickets.items() if ticket.public_id in behind}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.attack("D1")
def test_socket__subscribed_to_every_ticket__opens_what_the_matrix_says(where: World, who: str) -> None:
    seen = {kind for kind, people in routes.SEES.items() if who in people}

    assert opened(where, who, cookie_of(where, who)) == seen


def test_socket__tickets_no_longer_hidden__is_found(where: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TicketQuerySet, "visible_to", lambda self, person: self)

    assert "restricted" in opened(where, "agent", cookie_of(where, "agent"))


async def heard_after_unsubscribing(where: World, key: str, kinds: list[str]) -> set[str]:
    """Look at cases, turn away from all but the last, let each change, and return the kinds that were told of."""
    socket = DeskSocket(key)
    assert await socket.connect() == "websocket.accept"
    for kind in kinds:
        await socket.tell({"type": "subscribe", "ticket": where.tickets[kind].public_id, "since": LAST_SEQ})
    for kind in kinds[:-1]:
        await socket.tell({"type": "unsubscribe", "ticket": where.tickets[kind].public_id})
    await (await socket.tell({"type": "ping"})).until("pong")
    for kind in kinds:
        public_id = where.tickets[kind].public_id
        changed = MessageChanged(ticket=public_id, seq=1)
        await database_sync_to_async(realtime.publish)((groups.ticket_group(public_id),), changed)
    told = {kinds[-1]}
    while (event := await socket.answer())["ticket"] != where.tickets[kinds[-1]].public_id:
        told |= {kind for kind in kinds if where.tickets[kind].public_id == event["ticket"]}
    await socket.leave()
    return told


@pytest.mark.parametrize("who", sorted(matrix.FRAMES["unsubscribe"]))
@pytest.mark.attack("D1")
def test_socket__turned_away_from_a_ticket__hears_no_more_of_it(where: World, who: str) -> None:
    seen = sorted(kind for kind, people in routes.SEES.items() if who in people)

    key = world.browser(where, who).cookies[settings.SESSION_COOKIE_NAME].value
    assert async_to_sync(heard_after_unsubscribing)(where, key, seen) == {seen[-1]}


async def told_before_the_end(socket: Socket, frame: dict[str, Any]) -> list[str]:
    assert await socket.connect() == "websocket.accept"
    await socket.send_input({"type": "websocket.receive", "text": json.dumps(frame)})
    told = []
    while (event := await socket.receive_output(PATIENCE_S))["type"] == "websocket.send":
        told.append(event["text"])
    assert event["type"] == "websocket.close"
    assert event["code"] == NOT_SIGNED_IN
    return told


@pytest.mark.parametrize("frame", sorted(matrix.FRAMES))
@pytest.mark.parametrize("who", sorted(routes.BEFORE))
@pytest.mark.attack("D1")
def test_socket__any_frame_of_somebody_not_signed_in__is_answered_with_the_end(
    where: World, who: str, frame: str
) -> None:
    assert who not in matrix.FRAMES[frame]
    socket = Socket(cookie_of(where, who), settings.SITE_URL)
    sent = {"type": frame} if frame == "ping" else {"type": frame, "ticket": where.tickets["other"].public_id}
    assert async_to_sync(told_before_the_end)(socket, sent) == []


@pytest.mark.attack("E7")
def test_socket__foreign_origin__is_refused(where: World) -> None:
    assert async_to_sync(refuses)(Socket(cookie_of(where, "agent"), "https://evil.test"))
