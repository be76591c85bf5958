"""The visitors' socket: hints of their own conversation, nothing private, within limits that close with the right code."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async

from accounts.models import Staff
from core.audit import SYSTEM
from helpdesk.proxy import ClientAddressScope
from livechat import consumers, socket_limits
from livechat.models import Chat, Mark
from livechat.services import chats, reading
from security.services import customer_sessions
from tests.cast import open_session
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import ORIGIN, ChatInboxFactory, said, started
from tests.factories.tickets import mail_ticket
from tests.support.chat_socket import ChatSocket
from tests.support.desk_socket import DeskSocket
from tickets import socket_rounds
from tickets.models import Ticket
from tickets.services import replies
from tickets.services.senders import Sender

MANY = 6


def answered(said_before: Any, agent: Staff) -> None:
    sender = Sender.of_staff(agent)
    replies.add(ticket=said_before.chat.ticket, sender=sender, channel="chat", words=replies.Words(text="secret words"))


def test_answer__of_the_desk__reaches_the_visitor_with_a_number_only(clone_db: str, agent: Staff) -> None:
    visitor, token = started()
    told = said(visitor)

    async def story() -> list[dict[str, Any]]:
        socket = await ChatSocket().welcomed(token)
        await database_sync_to_async(answered)(told, agent)
        found = await socket.until("message.added")
        await socket.leave()
        return found[-1:]

    assert async_to_sync(story)() == [{"type": "message.added", "public_seq": 2}]


def test_first_message__said_in_another_tab__lets_the_socket_hear_its_chat(clone_db: str, agent: Staff) -> None:
    visitor, token = started()

    async def story() -> list[str]:
        socket = await ChatSocket().welcomed(token)
        told = await database_sync_to_async(said)(visitor)
        found = await socket.until("chat.changed")
        await database_sync_to_async(answered)(told, agent)
        found += await socket.until("message.added")
        await database_sync_to_async(chats.end)(chat=told.chat)
        found += await socket.until("chat.changed")
        await socket.leave()
        return [event["type"] for event in found if event["type"] != "stage.changed"]

    assert async_to_sync(story)() == ["chat.changed", "message.added", "chat.changed"]


@pytest.mark.parametrize("is_opened", [True, False], ids=["chat-opened", "message-added"])
def test_hint__lost__is_made_up_for_by_the_next_round(
    clone_db: str, monkeypatch: pytest.MonkeyPatch, is_opened: bool
) -> None:
    visitor, token = started()
    told = said(visitor) if not is_opened else None
    monkeypatch.setattr(socket_rounds, "RECHECK_S", 0.05)

    def written_without_a_hint() -> None:
        if told is not None:
            Ticket.objects.filter(pk=told.chat.ticket.pk).update(last_seq=7, last_public_seq=7)
        else:
            Chat.objects.create(visitor=visitor, ticket=mail_ticket())

    async def story() -> dict[str, Any]:
        socket = await ChatSocket().welcomed(token)
        await database_sync_to_async(written_without_a_hint)()
        event = await socket.answer()
        await socket.leave()
        return event

    expected = {"type": "chat.changed"} if is_opened else {"type": "message.added", "public_seq": 7}
    assert async_to_sync(story)() == expected


@pytest.mark.attack("D4")
def test_other_visitors_chat__is_not_to_be_heard(clone_db: str, agent: Staff) -> None:
    _mine, token = started()
    theirs = said(started()[0])

    async def story() -> list[dict[str, Any]]:
        socket = await ChatSocket().welcomed(token)
        await database_sync_to_async(answered)(theirs, agent)
        found = await socket.pong()
        await socket.leave()
        return found

    assert async_to_sync(story)() == []


def test_typing_and_marks__go_both_ways(clone_db: str, agent: Staff) -> None:
    visitor, token = started()
    chat = said(visitor).chat
    key, _row = open_session(agent)

    async def story() -> tuple[list[str], list[str]]:
        desk, socket = DeskSocket(key), ChatSocket()
        assert await desk.connect() == "websocket.accept"
        await desk.tell({"type": "subscribe", "ticket": chat.ticket.public_id, "since": 9})
        await (await desk.tell({"type": "ping"})).until("pong")
        await socket.welcomed(token)
        await socket.tell({"type": "typing"})
        at_desk = await desk.until("customer.typed")
        await database_sync_to_async(reading.staff_writes)(chat=chat)
        here = await socket.until("staff.typed")
        await database_sync_to_async(reading.move)(chat=chat, side=Mark.Side.STAFF, delivered=1, read=1)
        here += await socket.until("staff.saw")
        await database_sync_to_async(reading.move)(chat=chat, side=Mark.Side.VISITOR, delivered=1, read=1)
        at_desk += await desk.until("customer.saw")
        await socket.leave()
        await desk.leave()
        return [event["type"] for event in at_desk], [event["type"] for event in here]

    assert async_to_sync(story)() == (["customer.typed", "customer.saw"], ["staff.typed", "staff.saw"])


@pytest.mark.attack("G1")
@pytest.mark.parametrize(
    "given",
    [
        {"inbox": "other", "origin": ORIGIN}, {"inbox": "site", "origin": "https://evil.test"},
        {"inbox": "xsite", "origin": ORIGIN}, {"inbox": "", "origin": ""},
    ],
)  # fmt: skip
def test_hello__with_a_token_of_elsewhere__closes(clone_db: str, given: dict[str, str]) -> None:
    _visitor, token = started()
    ChatInboxFactory.create(slug="other")

    async def story() -> int:
        return await (await ChatSocket().hello(token, **given)).close_code()

    assert async_to_sync(story)() == 4401


@pytest.mark.attack("G2")
@pytest.mark.parametrize("origin", ["https://evil.test", ORIGIN, "http://localhost.evil.test", "null"])
def test_handshake__from_a_foreign_origin__is_refused(clone_db: str, origin: str) -> None:
    assert async_to_sync(ChatSocket(origin=origin).connect)() == "websocket.close"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 1008), ('{"type": "subscribe", "ticket": "aaaa"}', 1008), ('{"type": "ping", "admin": true}', 1008),
        ('{"type": "typing"}', 4401), ('{"type": "ping"}', 4401), ('"' + "x" * 70_000 + '"', 1009),
    ],
)  # fmt: skip
@pytest.mark.attack("G3")
def test_frame__outside_the_closed_set_or_too_large_or_of_nobody__closes(clone_db: str, frame: str, code: int) -> None:
    async def story() -> int:
        socket = ChatSocket()
        assert await socket.connect() == "websocket.accept"
        await socket.tell(frame)
        return await socket.close_code()

    assert async_to_sync(story)() == code


def test_hello__not_said_in_time__closes(clone_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "HELLO_WITHIN_S", 0.01)

    async def story() -> int:
        socket = ChatSocket()
        await socket.connect()
        return await socket.close_code()

    assert async_to_sync(story)() == 4401


@pytest.mark.attack("G3")
def test_flood__of_frames__closes_its_own_socket_and_no_other(clone_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_limits, "FRAMES_PER_MIN", MANY)
    _visitor, token = started()
    _other, quiet = started()

    async def story() -> tuple[int, list[Any]]:
        other = await ChatSocket().welcomed(quiet)
        flood = await ChatSocket().welcomed(token)
        for _frame in range(MANY):
            await flood.tell({"type": "ping"})
        code = await flood.close_code()
        seen = await other.pong()
        await other.leave()
        return code, seen

    assert async_to_sync(story)() == (1008, [])


@pytest.mark.attack("G3")
def test_flood__of_sockets_from_one_address__closes_what_is_too_much_and_no_other_address(
    clone_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_limits, "MAX_SOCKETS_OF_ADDRESS", MANY)

    async def story() -> tuple[int, list[str]]:
        sockets = [ChatSocket() for _number in range(MANY)]
        for socket in sockets:
            assert await socket.connect() == "websocket.accept"
        late = ChatSocket()
        await late.connect()
        code = await late.close_code()
        elsewhere = ChatSocket(address="192.0.2.8")
        after = [await elsewhere.connect()]
        for socket in (*sockets, elsewhere):
            await socket.leave()
        again = ChatSocket()
        after.append(await again.connect())
        await again.tell({"type": "ping"})
        assert await again.close_code() == 4401
        return code, after

    assert async_to_sync(story)() == (1008, ["websocket.accept", "websocket.accept"])


@pytest.mark.attack("G3")
def test_flood__process_full__asks_to_come_back_later(clone_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_limits, "MAX_SOCKETS", 0)

    async def story() -> int:
        socket = ChatSocket()
        await socket.connect()
        return await socket.close_code()

    assert async_to_sync(story)() == 1013


def test_session__of_the_portal_ended__closes_the_socket_in_the_next_round(
    clone_db: str, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_rounds, "RECHECK_S", 0.05)
    session = open_portal(client, portal_customer())
    _visitor, token = started(session=session)

    async def story() -> tuple[str, int]:
        socket = await ChatSocket().welcomed(token)
        end = database_sync_to_async(customer_sessions.end)
        await end(session=session, reason="signed out", actor=SYSTEM)
        kind = (await socket.until("session.revoked"))[-1]["type"]
        return kind, await socket.close_code()

    assert async_to_sync(story)() == ("session.revoked", 4401)


@pytest.mark.parametrize(("trusted", "codes"), [([], [4401, 1008]), (["192.0.2.0/24"], [4401, 4401])])
def test_client_address__is_what_a_trusted_proxy_names_and_nobody_else(
    clone_db: str, settings: Any, monkeypatch: pytest.MonkeyPatch, trusted: list[str], codes: list[int]
) -> None:
    monkeypatch.setattr(socket_limits, "MAX_SOCKETS_OF_ADDRESS", 1)
    settings.TRUSTED_PROXY_NETWORKS = trusted
    application = ClientAddressScope(consumers.VisitorConsumer.as_asgi())

    async def story() -> list[int]:
        addresses = (b"198.51.100.1", b"203.0.113.9, 198.51.100.2")
        sockets = [ChatSocket(headers=((b"x-forwarded-for", one),), application=application) for one in addresses]
        for socket in sockets:
            await socket.connect()
        for socket in sockets:
            await socket.tell({"type": "ping"})
        return [await socket.close_code() for socket in sockets]

    assert async_to_sync(story)() == codes
