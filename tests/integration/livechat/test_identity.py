"""Who sits there by the exchange's word through the embedding page: whom it makes proven, and whom it does not."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from core.models import AuditEntry
from livechat.models import ChatInbox, Visitor
from security.models import CustomerSession
from tests.factories.livechat import ORIGIN, ChatInboxFactory, started
from tests.support.small_exchange import SmallExchange
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
SECRET = "s" * 43


@pytest.fixture(autouse=True)
def inbox(db: None) -> ChatInbox:
    made: ChatInbox = ChatInboxFactory.create()
    return made


def post(door: str, body: Any, token: str = "") -> Any:
    known = {"authorization": f"Bearer {token}"} if token else {}
    client = Client(headers={"origin": settings.SITE_URL, "x-chat-origin": ORIGIN, **known})
    return client.post(f"/chat/site/{door}/", json.dumps(body), content_type="application/json")


def identify(word: str, token: str = "", *, secret: str = SECRET, origin: str = ORIGIN) -> Any:
    return post("identify", {"origin": origin, "language": "en", "token": word, "secret": secret}, token)


def reasons() -> list[str]:
    newest = AuditEntry.objects.filter(action="chat.identity_refused").order_by("-pk")[:1]
    return [str(one.detail["reason"]) for one in newest]


def test_identify__good_word__is_a_proven_visitor_whose_conversation_is_the_customers(exchange: SmallExchange) -> None:
    answer = identify(exchange.chat_identity(SECRET))
    assert (answer.status_code, answer.json()["is_proven"]) == (201, True)
    assert post("say", {"client_id": "id-000001", "text": "Hello"}, answer.json()["token"]).status_code == 201
    ticket = Ticket.objects.get()
    assert (ticket.requester.name, ticket.is_requester_proven) == ("Mina Customer", True)


def test_identify__same_customer_again__keeps_token_session_and_conversation(exchange: SmallExchange) -> None:
    token = identify(exchange.chat_identity(SECRET)).json()["token"]
    again = identify(exchange.chat_identity(SECRET), token)
    assert (again.status_code, again.json()["token"]) == (200, "")
    assert CustomerSession.objects.living().count() == 1
    assert Visitor.objects.living().count() == 1


def test_identify__somebody_else__ends_the_former_visitor(exchange: SmallExchange) -> None:
    token = identify(exchange.chat_identity(SECRET)).json()["token"]
    other = identify(exchange.chat_identity(SECRET, account_id="acc-2", email="b@example.com"), token)
    assert other.status_code == 201
    assert post("say", {"client_id": "id-000001", "text": "Hello"}, token).status_code == 401
    assert CustomerSession.objects.living().count() == 1


@pytest.mark.attack("G4")
def test_identify__after_an_anonymous_conversation__starts_another(exchange: SmallExchange) -> None:
    _visitor, token = started()
    assert post("say", {"client_id": "id-000001", "text": "I am mina@example.com"}, token).status_code == 201
    stranger = Ticket.objects.get().requester
    new = identify(exchange.chat_identity(SECRET), token).json()["token"]
    assert post("say", {"client_id": "id-000002", "text": "Hello"}, new).status_code == 201
    assert {ticket.requester_id == stranger.pk for ticket in Ticket.objects.all()} == {True, False}


@pytest.mark.attack("G1")
def test_identify__word_for_another_frame_or_used_before__is_nobody(exchange: SmallExchange) -> None:
    word = exchange.chat_identity(SECRET)
    assert identify(word, secret="t" * 43).status_code == 403
    assert reasons() == ["nonce"]
    assert identify(word).status_code == 201
    assert identify(word).status_code == 403
    assert reasons() == ["used"]


@pytest.mark.attack("G1")
def test_identify__hand_off_expired_or_foreign__is_nobody(exchange: SmallExchange) -> None:
    exchange.header = {"typ": "hand-off+jwt"}
    assert identify(exchange.chat_identity(SECRET)).status_code == 403
    exchange.header, exchange.claims = {}, {"aud": "pharos-portal"}
    assert identify(exchange.chat_identity(SECRET)).status_code == 403
    exchange.claims = {"exp": 1, "iat": 0}
    assert identify(exchange.chat_identity(SECRET)).status_code == 403
    exchange.claims = {}
    assert identify(exchange.chat_identity(SECRET), origin="https://evil.example").status_code == 403
    assert not CustomerSession.objects.exists()


def test_sign_out__ends_visitor_and_session(exchange: SmallExchange) -> None:
    token = identify(exchange.chat_identity(SECRET)).json()["token"]
    assert post("sign-out", {}, token).status_code == 204
    assert post("sign-out", {}, token).status_code == 401
    assert not CustomerSession.objects.living().exists()
    assert AuditEntry.objects.filter(action="visitor.left").exists()
