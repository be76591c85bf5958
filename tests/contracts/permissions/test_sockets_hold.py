"""The desk's socket as every person: who is let in, and whose tickets a subscription opens."""

import json
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings

from tests.contracts.permissions import matrix, world
from tests.contracts.permissions.world import World
from tickets.models.ticket import TicketQuerySet

PEOPLE = sorted(matrix.STAFF | matrix.BEFORE)
NOT_SIGNED_IN = 4401
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
    if who in matrix.BEFORE:
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
    seen = {kind for kind, people in matrix.SEES.items() if who in people}

    assert opened(where, who, cookie_of(where, who)) == seen


def test_socket__tickets_no_longer_hidden__is_found(where: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TicketQuerySet, "visible_to", lambda self, person: self)

    assert "restricted" in opened(where, "agent", cookie_of(where, "agent"))


@pytest.mark.attack("E7")
def test_socket__foreign_origin__is_refused(where: World) -> None:
    assert async_to_sync(refuses)(Socket(cookie_of(where, "agent"), "https://evil.test"))
