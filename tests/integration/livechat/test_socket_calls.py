"""What the visitors' socket answers itself: plain reading and plain words, as the doors would; the rest is left to them."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff
from core.models import AuditEntry
from livechat import socket_calls, socket_limits
from livechat.models import Chat, Visitor
from livechat.services import chats, visitors
from livechat.services.chats import Spoken
from tests.factories.livechat import ChatInboxFactory, said, started
from tests.support.chat_socket import ChatSocket
from tickets import socket_rounds
from tickets.models import Message
from tickets.services import properties, replies
from tickets.services.senders import Sender


def spoken(visitor: Visitor, text: str = "And?", client_id: str = "") -> Spoken:
    return Spoken(visitor.pk, text, client_id or secrets.token_hex(8))


def test_say__over_the_socket__is_stored_masked_numbered_and_told_like_at_the_door(clone_db: str) -> None:
    visitor, token = started()
    said(visitor, "First")
    words = "My code is 4111 1111 1111 1111"

    async def story() -> dict[str, Any]:
        socket = await ChatSocket().welcomed(token)
        await socket.tell({"type": "say", "id": 7, "client_id": "over-the-socket", "text": words})
        both = [await socket.answer(), await socket.answer()]
        await socket.leave()
        found = {event["type"]: event for event in both}
        return {**found["answered"], "hint": found["message.added"]["public_seq"]}

    answer = async_to_sync(story)()
    assert (answer["id"], answer["status"], answer["hint"]) == (7, 201, 2)
    message = Message.objects.get(client_key="visitor:over-the-socket")
    assert (message.public_seq, message.redactions) == (2, answer["body"]["redactions"])
    assert message.redactions
    assert "4111" not in message.text + json.dumps(answer["body"])
    assert answer["body"]["message"]["client_id"] == "over-the-socket"
    assert AuditEntry.objects.filter(action="message.added", object_id=message.ticket.public_id).count() == 2


def test_read__over_the_socket__is_what_the_door_tells(clone_db: str, agent: Staff) -> None:
    visitor, token = started()
    told = said(visitor, "First")
    replies.add(
        ticket=told.chat.ticket, sender=Sender.of_staff(agent), channel="chat", words=replies.Words(text="Hello")
    )

    async def story() -> dict[str, Any]:
        socket = await ChatSocket().welcomed(token)
        await socket.tell({"type": "read", "id": 1, "chat": told.chat.public_id, "since": 1})
        found = (await socket.until("answered"))[-1]
        await socket.leave()
        return found

    answer = async_to_sync(story)()
    assert answer["status"] == 200
    assert [one["parts"][0]["text"] for one in answer["body"]["messages"]] == ["Hello"]
    assert answer["body"]["last"] == 2


@pytest.mark.attack("D4")
def test_read__of_another_visitors_conversation__tells_ones_own(clone_db: str) -> None:
    theirs = said(started()[0], "Theirs")
    visitor, token = started()
    mine = said(visitor, "Mine")

    async def story() -> dict[str, Any]:
        socket = await ChatSocket().welcomed(token)
        await socket.tell({"type": "read", "id": 1, "chat": theirs.chat.public_id, "since": 0})
        found = (await socket.until("answered"))[-1]
        await socket.leave()
        return found

    body = async_to_sync(story)()["body"]
    assert body["chat"] == mine.chat.public_id
    assert [one["parts"][0]["text"] for one in body["messages"]] == ["Mine"]


@pytest.mark.django_db
def test_say_together__of_many__is_one_of_each_in_as_many_statements_as_of_one() -> None:
    people = [started()[0] for _number in range(8)]
    for one in people:
        said(one, "First")

    def statements(some: list[Visitor]) -> int:
        with CaptureQueriesContext(connection) as found, transaction.atomic():
            assert all(chats.say_together([spoken(one) for one in some]))
        return len(found)

    assert statements(people[:1]) == statements(people)
    assert Message.objects.filter(text="And?", public_seq=2).count() == 8
    assert Message.objects.filter(text="And?", public_seq=3).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "case", ["nobody", "no chat", "ended", "said before", "empty", "twice", "with a bot", "signed out"]
)
def test_say_together__what_is_not_plain__is_left_to_the_door_and_holds_nobody_up(case: str) -> None:
    other, _token = started()
    said(other, "First")
    visitor, _token = started(ChatInboxFactory.create(slug="greeted", bot="greeter") if case == "with a bot" else None)
    chat = said(visitor, "First", "first-of-all").chat if case != "no chat" else None
    given = [
        spoken(
            visitor, client_id="first-of-all" if case == "said before" else "", text=" " if case == "empty" else "Hm"
        )
    ]
    if case == "ended" and chat:
        chats.end(chat=chat)
    elif case == "signed out":
        visitors.sign_out(visitor=visitor)
    elif case == "nobody":
        given = [Spoken(0, "Hm", "client-id")]
    elif case == "twice":
        given.insert(0, spoken(visitor))
    before = Message.objects.count()
    *first, refused, fine = chats.say_together([*given, spoken(other)])
    assert (refused, fine is not None, all(first)) == (None, True, True)
    assert Message.objects.count() == before + 1 + len(first)


def test_say_together__ticket_held_by_somebody__waits_for_nobody(clone_db: str, race: Callable[..., list[Any]]) -> None:
    visitor, _token = started()
    told = said(visitor, "First")
    with transaction.atomic():
        Chat.objects.select_related("ticket").select_for_update(of=("ticket",)).get(pk=told.chat.pk)
        assert race(lambda: chats.say_together([spoken(visitor)])) == [[None]]


def test_calls__beyond_the_limits__are_left_to_the_door(
    clone_db: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, token = started()
    told = said(visitor, "First")
    monkeypatch.setattr(socket_limits, "READS_PER_MIN", 1)
    settings.CHAT_CALLS_PER_MIN = {**settings.CHAT_CALLS_PER_MIN, "say": 1}

    async def story() -> list[int]:
        socket = await ChatSocket().welcomed(token)
        found = []
        for number in (1, 2):
            await socket.tell({"type": "read", "id": number, "chat": told.chat.public_id, "since": 0})
            found.append((await socket.until("answered"))[-1]["status"])
        for number in (3, 4):
            await socket.tell({"type": "say", "id": number, "client_id": f"number-{number}", "text": "Hm"})
            found.append((await socket.until("answered"))[-1]["status"])
        await socket.leave()
        return found

    assert async_to_sync(story)() == [200, 421, 201, 421]


@pytest.mark.attack("G3")
def test_flood__of_readings__is_answered_no_more_and_closes_its_socket(
    clone_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _visitor, token = started()
    monkeypatch.setattr(socket_limits, "READS_PER_MIN", 1)
    monkeypatch.setattr(socket_limits, "FRAMES_PER_MIN", 3)

    async def story() -> int:
        socket = await ChatSocket().welcomed(token)
        for number in range(4):
            await socket.tell({"type": "read", "id": number, "chat": "", "since": 0})
        return await socket.close_code()

    assert async_to_sync(story)() == 1008


def test_call__that_fails__is_left_to_the_door(clone_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, token = started()
    said(visitor, "First")

    async def story() -> int:
        socket = await ChatSocket().welcomed(token)
        monkeypatch.setattr(socket_calls.here().words, "answer", lambda _some: 1 / 0)
        await socket.tell({"type": "say", "id": 1, "client_id": "some-client", "text": "Hm"})
        found = (await socket.until("answered"))[-1]["status"]
        await socket.leave()
        return int(found)

    assert async_to_sync(story)() == 421


def test_queue__moved_on__is_told_to_who_waits_by_the_rounds(
    clone_db: str, agent: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_rounds, "RECHECK_S", 0.05)
    first = said(started()[0], "I was first")
    visitor, token = started()
    said(visitor, "I am second")

    async def story() -> dict[str, Any]:
        socket = await ChatSocket().welcomed(token)
        await database_sync_to_async(properties.assign)(ticket=first.chat.ticket, to=agent, by=agent)
        found = (await socket.until("queue.moved"))[-1]
        await socket.leave()
        return found

    assert async_to_sync(story)() == {"type": "queue.moved", "position": 1}
