"""A database that is away: 503 with the time to come again, in words for who asked, wherever the failure was met."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoDbBlocker

from core.unavailable import PATIENCE_S
from core.waiting import WAITED
from tests.support.databases import pointed_at


@pytest.fixture
def database_away(django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """A client with a session cookie while no database answers."""
    with django_db_blocker.unblock(), pointed_at("no_such_database"):
        client = Client(raise_request_exception=False)
        client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
        yield client


def ask(client: Client, path: str) -> HttpResponse:
    return cast("HttpResponse", client.get(path, headers={"host": "localhost"}))


@pytest.mark.parametrize("path", ["/desk/", "/account/", "/sign-in/"])
def test_page__database_away__calm_page(database_away: Client, path: str) -> None:
    response = ask(database_away, path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert b"Back in a moment" in response.content


@pytest.mark.parametrize("method", ["get", "post"])
def test_api__database_away__problem_document(database_away: Client, method: str) -> None:
    headers = {"host": "localhost", "authorization": "Bearer pharos_x", "idempotency-key": "k"}
    response = getattr(database_away, method)("/api/v1/tickets/", headers=headers)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.headers["Content-Type"] == "application/problem+json"


def test_readyz__database_away__is_unavailable(database_away: Client) -> None:
    response = ask(database_away, "/readyz")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("path", "said"), [("/desk/", b"Back in a moment"), ("/api/v1/tickets/", b"Too many requests")]
)
def test_request__waited_too_long_for_a_thread__is_told_to_come_again(path: str, said: bytes) -> None:
    client = Client()
    cast("dict[str, Any]", client.defaults)[WAITED] = PATIENCE_S + 1
    response = ask(client, path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert said in response.content
