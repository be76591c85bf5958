"""Whoever may no more hears no more: open sockets close in the next round, and polling is refused as well."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client

from accounts.models import Staff
from core.audit import SYSTEM
from livechat.groups import visitor_group
from livechat.models import ChatInbox, Visitor
from livechat.services import reading, visitors
from security.services import customer_sessions, sessions
from tests.cast import open_session, signed_in
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import ORIGIN, said, started
from tests.support.chat_socket import ChatSocket
from tests.support.desk_socket import DeskSocket
from tickets import socket_rounds
from tickets.groups import public_ticket_group, staff_group, ticket_group
from tickets.services import replies
from tickets.services.senders import Sender

NOT_A_VISITOR, POLICY = 4401, 1008


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds without the wait between them."""
    monkeypatch.setattr(socket_rounds, "RECHECK_S", 0.05)


def frame(token: str) -> Client:
    headers = {"authorization": f"Bearer {token}", "x-chat-origin": ORIGIN, "origin": settings.SITE_URL}
    return Client(headers=headers)


def sign_out(visitor: Visitor) -> None:
    visitors.sign_out(visitor=visitor)


def end_session(visitor: Visitor) -> None:
    assert visitor.session is not None
    customer_sessions.end(session=visitor.session, reason="ended", actor=SYSTEM)


def end_all_sessions(visitor: Visitor) -> None:
    assert visitor.customer is not None
    customer_sessions.end_all(customer=visitor.customer, reason="frozen", actor=SYSTEM)


def switch_off(_visitor: Visitor) -> None:
    ChatInbox.objects.update(is_active=False)


def unlist(_visitor: Visitor) -> None:
    ChatInbox.objects.update(allowed_origins=["https://elsewhere.example"])


def test_rounds__come_often_enough() -> None:
    assert socket_rounds.RECHECK_S <= 4


@pytest.mark.attack("G6")
@pytest.mark.parametrize("act", [sign_out, end_session, end_all_sessions, switch_off, unlist])
def test_visitor__that_may_no_more__is_closed_and_refused_at_every_door(
    clone_db: str, quick: None, act: Callable[[Visitor], None]
) -> None:
    visitor, token = started(session=open_portal(Client(), portal_customer()))
    chat = said(visitor).chat
    visitor.refresh_from_db()

    async def story() -> tuple[list[int], int]:
        tabs = [await ChatSocket().welcomed(token) for _tab in range(2)]
        await database_sync_to_async(act)(visitor)
        codes = [await tab.close_code() for tab in tabs]
        late = await ChatSocket().hello(token)
        return codes, await late.close_code()

    assert async_to_sync(story)() == ([NOT_A_VISITOR, NOT_A_VISITOR], NOT_A_VISITOR)
    browser = frame(token)
    assert browser.get("/chat/site/messages/").status_code == 401
    for door, body in {
        "say": {"client_id": "id-000001", "text": "Still here?"}, "saw": {"chat": chat.public_id, "delivered": 1, "read": 1},
        "end": {"chat": chat.public_id}, "trust/freeze": {},
    }.items():  # fmt: skip
        answer = browser.post(f"/chat/site/{door}/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 401, door


@pytest.mark.attack("G6")
def test_sign_out__through_the_door__closes_at_once_by_a_hint(clone_db: str) -> None:
    """Not by a round: they are far away here."""
    visitor, token = started()
    said(visitor)

    async def story() -> int:
        tab = await ChatSocket().welcomed(token)
        post = database_sync_to_async(frame(token).post)
        answer = await post("/chat/site/sign-out/", "{}", content_type="application/json")
        assert answer.status_code in {200, 204}
        return await tab.close_code()

    assert async_to_sync(story)() == NOT_A_VISITOR


def deactivate(person: Staff) -> None:
    Staff.objects.filter(pk=person.pk).update(is_active=False)


def end_staff_sessions(person: Staff) -> None:
    sessions.end_all(person=person, reason="ended", actor=SYSTEM)


async def watching(key: str, ticket: str) -> DeskSocket:
    socket = DeskSocket(key)
    assert await socket.connect() == "websocket.accept"
    await socket.tell({"type": "subscribe", "ticket": ticket, "since": 99})
    await (await socket.tell({"type": "ping"})).until("pong")
    return socket


@pytest.mark.attack("G6")
@pytest.mark.parametrize("act", [deactivate, end_staff_sessions])
def test_agent__that_may_no_more__is_closed_and_refused(
    clone_db: str, quick: None, agent: Staff, client: Client, act: Callable[[Staff], None]
) -> None:
    chat = said(started()[0]).chat
    key, _row = open_session(agent)
    client.cookies[settings.SESSION_COOKIE_NAME] = key

    async def story() -> int:
        socket = await watching(key, chat.ticket.public_id)
        await database_sync_to_async(act)(agent)
        return await socket.close_code()

    assert async_to_sync(story)() == NOT_A_VISITOR
    for path in (f"/desk/chats/{chat.ticket.public_id}/", "/desk/chats/", f"/desk/tickets/{chat.ticket.public_id}/"):
        assert client.get(path, headers={"x-background": "1"}).status_code in {302, 401, 403}, path


@pytest.mark.attack("D4", "G6")
def test_agent__whose_role_was_taken__hears_nothing_more_of_the_chat(clone_db: str, quick: None, agent: Staff) -> None:
    """A vendor of no team sees no chat; the socket may stay, without it."""
    # Told at every third round, before that round acts: at the second call a whole round has passed since the first.
    rounds: list[object] = []
    count = rounds.append
    socket_rounds.attended.append(count)
    visitor, _token = started()
    chat = said(visitor).chat
    key, _row = open_session(agent)

    async def story() -> list[str]:
        socket = await watching(key, chat.ticket.public_id)
        await Staff.objects.filter(pk=agent.pk).aupdate(role="vendor")
        rounds.clear()
        while len(rounds) < 2:
            await (await socket.tell({"type": "ping"})).until("pong")
        await database_sync_to_async(said)(visitor, "A word", "two")
        await database_sync_to_async(reading.visitor_writes)(ticket=chat.ticket.public_id)
        await socket.tell({"type": "ping"})
        found = await socket.until("pong")
        await socket.leave()
        hidden = chat.ticket.public_id
        return [event["type"] for event in found if hidden in {event.get("ticket"), *event.get("tickets", ())}]

    try:
        assert async_to_sync(story)() == []
    finally:
        socket_rounds.attended.remove(count)


@pytest.mark.attack("D4")
@pytest.mark.parametrize("made", [
    lambda chat: {"type": "subscribe", "ticket": chat.ticket.public_id},
    lambda chat: {"type": "subscribe", "group": public_ticket_group(chat.ticket.public_id)},
    lambda chat: {"type": "subscribe", "chat": chat.public_id},
    lambda chat: {"type": "typing", "ticket": chat.ticket.public_id},
    lambda chat: {"type": "visitor.probe", "group": visitor_group(chat.visitor.public_id)},
    lambda chat: {"type": "public.event", "event": {"type": "staff.typed"}},
    lambda chat: {"type": "hello", "inbox": "%", "origin": ORIGIN, "token": "%"},
])  # fmt: skip
def test_visitors_frame__that_names_another_chat__closes(clone_db: str, made: Callable[[Any], dict[str, Any]]) -> None:
    other = said(started()[0]).chat
    _visitor, token = started()

    async def story() -> int:
        socket = await ChatSocket().welcomed(token)
        await socket.tell(made(other))
        return await socket.close_code()

    assert async_to_sync(story)() == POLICY


@pytest.mark.attack("D4")
@pytest.mark.parametrize(("inbox", "token"), [("%", None), ("site%", None), ("site", "%"), ("site", "*"), ("*", None)])
def test_hello__with_a_wildcard__is_nobody(clone_db: str, inbox: str, token: str | None) -> None:
    _visitor, mine = started()

    async def story() -> int:
        return await (await ChatSocket().hello(token or mine, inbox=inbox)).close_code()

    assert async_to_sync(story)() == NOT_A_VISITOR


@pytest.mark.attack("D4")
def test_agents_subscription__by_other_names_of_a_chat__is_refused(clone_db: str, agent: Staff) -> None:
    visitor, _token = started()
    chat = said(visitor).chat
    names = [
        chat.public_id, visitor.public_id, visitor_group(visitor.public_id)[:20], staff_group(agent.public_id)[:20],
        public_ticket_group(chat.ticket.public_id)[:20], ticket_group(chat.ticket.public_id)[:20],
        chat.ticket.public_id[:-1] + "%", chat.ticket.public_id[:10],
    ]  # fmt: skip
    key, _row = open_session(agent)

    async def story() -> tuple[list[str], list[str]]:
        socket = DeskSocket(key)
        assert await socket.connect() == "websocket.accept"
        for name in names:
            await socket.tell({"type": "subscribe", "ticket": name})
        await socket.tell({"type": "ping"})
        told = [event["type"] for event in (await socket.until("pong"))[:-1]]
        await database_sync_to_async(reading.visitor_writes)(ticket=chat.ticket.public_id)
        await socket.tell({"type": "ping"})
        after = [event["type"] for event in (await socket.until("pong"))[:-1]]
        await socket.leave()
        return told, after

    told, after = async_to_sync(story)()
    assert (told, after) == (["subscription.refused"] * len(names), [])


@pytest.mark.attack("D4")
def test_second_conversation__of_the_same_browser_after_sign_out__hears_nothing_of_the_first(
    clone_db: str, agent: Staff
) -> None:
    first, _token = started()
    chat = said(first).chat
    visitors.sign_out(visitor=first)
    _second, token = started()

    async def story() -> list[Any]:
        socket = await ChatSocket().welcomed(token)
        answer = database_sync_to_async(replies.add)
        sender = Sender.of_staff(agent)
        await answer(ticket=chat.ticket, sender=sender, channel="chat", words=replies.Words(text="For the first."))
        found = await socket.pong()
        await socket.leave()
        return found

    assert async_to_sync(story)() == []


def test_signed_in__agent__reads_the_same_doors(client: Client, agent: Staff) -> None:
    """The doors that are refused above are there for who may."""
    chat = said(started()[0]).chat
    browser = signed_in(client, agent)
    for path in (f"/desk/chats/{chat.ticket.public_id}/", "/desk/chats/", f"/desk/tickets/{chat.ticket.public_id}/"):
        assert browser.get(path).status_code == 200, path
