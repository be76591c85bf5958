"""The chat as a page of its own for the exchange's app: where it is allowed, who may embed it, and its visitors."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from livechat.models import ChatInbox, Visitor
from tests.factories.livechat import ORIGIN, ChatInboxFactory
from tests.support.small_exchange import SmallExchange

pytestmark = pytest.mark.django_db
SECRET = "s" * 43


@pytest.fixture(autouse=True)
def inbox(db: None) -> ChatInbox:
    made: ChatInbox = ChatInboxFactory.create()
    return made


def allow(*, is_allowed: bool = True) -> None:
    ChatInbox.objects.update(allows_app=is_allowed)


def post(door: str, body: Any, token: str = "", origin: str = "") -> Any:
    known = {"authorization": f"Bearer {token}"} if token else {}
    client = Client(headers={"origin": settings.SITE_URL, "x-chat-origin": origin or settings.SITE_URL, **known})
    return client.post(f"/chat/site/{door}/", json.dumps(body), content_type="application/json")


def start() -> Any:
    return post("start", {"origin": settings.SITE_URL, "language": "en"})


def test_app_page__inbox_does_not_allow_it__is_not_there_and_starts_nobody() -> None:
    assert Client().get("/chat/site/app/").status_code == 404
    assert start().status_code == 403
    assert not Visitor.objects.exists()


@pytest.mark.attack("G2")
def test_app_page__allowed__fills_a_page_that_nobody_can_embed() -> None:
    allow()
    page = Client().get("/chat/site/app/", {"lang": "zh-hans", "theme": "dark"})
    text = page.content.decode()
    assert (page.status_code, page.headers["X-Frame-Options"]) == (200, "DENY")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert ORIGIN not in page.headers["Content-Security-Policy"]
    assert page.headers.get("Cross-Origin-Resource-Policy", "") != "cross-origin"
    assert "viewport-fit=cover, interactive-widget=resizes-content" in text
    assert 'data-app="yes"' in text
    assert ORIGIN not in text
    assert '<html lang="zh-hans" dir="ltr" data-theme="dark">' in text
    framed = Client().get("/chat/site/frame/")
    assert 'data-app="no"' in framed.content.decode()
    assert f"frame-ancestors 'self' {ORIGIN}" in framed.headers["Content-Security-Policy"]


@pytest.mark.attack("G1")
def test_visitor_of_the_app__counts_there_alone_and_as_long_as_it_is_allowed() -> None:
    allow()
    begun = start()
    token = begun.json()["token"]
    said = {"client_id": "id-000001", "text": "Hello"}
    assert (begun.status_code, begun.json()["is_proven"]) == (201, False)
    assert post("say", said, token, ORIGIN).status_code == 401
    assert post("say", said, token).status_code == 201
    allow(is_allowed=False)
    assert post("say", {**said, "client_id": "id-000002"}, token).status_code == 401


def test_visitor_of_the_app__named_by_the_exchanges_word__is_proven(exchange: SmallExchange) -> None:
    body = {"origin": settings.SITE_URL, "language": "en", "token": exchange.chat_identity(SECRET), "secret": SECRET}
    assert post("identify", body).status_code == 403
    allow()
    answer = post("identify", {**body, "token": exchange.chat_identity(SECRET)})
    assert (answer.status_code, answer.json()["is_proven"]) == (201, True)
