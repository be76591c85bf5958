"""Typing preview: off unless the inbox says otherwise, masked, gone in seconds, for who sees the ticket."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from accounts.models import Staff
from core import passing
from livechat.models import Chat, ChatInbox
from livechat.selectors import chats as shown
from livechat.services import chats, reading
from tests.cast import signed_in
from tests.factories.livechat import ChatInboxFactory, said, started
from tests.support.chat_socket import ChatSocket
from tickets.models import Message

SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture
def chat(db: None) -> Chat:
    ChatInboxFactory.create(shows_typing=True)
    return said(started(ChatInbox.objects.get())[0]).chat


def typed(chat: Chat) -> str:
    found = shown.of_ticket(chat.ticket)
    assert found is not None
    return str(shown.shown_to_staff(found)["typed"])


def test_words__of_an_inbox_that_shows_them__are_masked_and_in_no_table(chat: Chat) -> None:
    reading.visitor_writes(ticket=chat.ticket.public_id, words=f"My words are {SEED}")
    assert typed(chat) == "My words are ⟦removed: seed phrase⟧"
    assert Message.objects.count() == 1


def test_words__of_any_other_inbox__are_dropped(chat: Chat) -> None:
    ChatInbox.objects.update(shows_typing=False)
    reading.visitor_writes(ticket=chat.ticket.public_id, words="not for you")
    assert passing.heard(scope=shown.TYPED, who=chat.ticket.public_id) == ""
    assert typed(chat) == ""


def test_inbox__switched_off_meanwhile__shows_nothing(chat: Chat) -> None:
    reading.visitor_writes(ticket=chat.ticket.public_id, words="for seconds")
    ChatInbox.objects.update(shows_typing=False)
    assert typed(chat) == ""


def test_words__said__are_gone(chat: Chat) -> None:
    reading.visitor_writes(ticket=chat.ticket.public_id, words="Where is")
    said(chat.visitor, "Where is it?", "two")
    assert typed(chat) == ""


def test_words__of_a_chat_that_ended__are_gone(chat: Chat) -> None:
    reading.visitor_writes(ticket=chat.ticket.public_id, words="Bye")
    chats.end(chat=chat)
    assert typed(chat) == ""


def test_default__is_off(db: None) -> None:
    assert ChatInboxFactory.create(slug="other").shows_typing is False


@pytest.mark.attack("D4")
def test_door__of_somebody_who_does_not_see_the_ticket__is_404(chat: Chat, client: Client, vendor: Staff) -> None:
    reading.visitor_writes(ticket=chat.ticket.public_id, words="secret")
    assert signed_in(client, vendor).get(f"/desk/chats/{chat.ticket.public_id}/").status_code == 404


def test_frame__with_words_over_the_socket__reaches_the_door(clone_db: str, agent: Staff, client: Client) -> None:
    ChatInboxFactory.create(shows_typing=True)
    visitor, token = started(ChatInbox.objects.get())
    chat = said(visitor).chat

    async def story() -> list[Any]:
        socket = await ChatSocket().welcomed(token)
        await socket.tell({"type": "typing", "text": "Half a sen"})
        found = await socket.pong()
        await socket.leave()
        return found

    assert async_to_sync(story)() == []
    told = signed_in(client, agent).get(f"/desk/chats/{chat.ticket.public_id}/").json()
    assert (told["shows_typing"], told["typed"]) == (True, "Half a sen")


def test_frame__with_more_than_may_be__closes(clone_db: str) -> None:
    _visitor, token = started()

    async def story() -> int:
        socket = await ChatSocket().welcomed(token)
        await socket.tell({"type": "typing", "text": "x" * 501})
        return await socket.close_code()

    assert async_to_sync(story)() == 1008
