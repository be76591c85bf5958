"""Callers of API v1: programs with tokens, and what they get back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.models import Staff
from core.audit import SYSTEM
from security.services import api_tokens
from tests.factories.tickets import MailboxFactory
from tickets.models import Mailbox

TICKETS = "/api/v1/tickets/"
NEW = {"subject": "Card declined", "text": "It was declined twice.", "requester": {"address": "kim@example.com"}}


@dataclass
class Caller:
    """A program that holds one token of a person."""

    secret: str
    client: Client

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.secret}", **headers})

    def post(self, path: str, body: Any, content_type: str = "application/json", **headers: str) -> Any:
        given = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.secret}", **headers}
        return self.client.generic("POST", path, given, content_type=content_type, headers=headers)


Calling = Callable[..., Caller]


@pytest.fixture
def calling(_any_database: None) -> Calling:
    """A function that gives a person's program a token with these scopes."""

    def make(person: Staff, *scopes: str) -> Caller:
        _token, secret = api_tokens.issue(person=person, name="test", scopes=scopes or ("read", "write"), actor=SYSTEM)
        return Caller(secret, Client(raise_request_exception=False))

    return make


@pytest.fixture
def mailbox(_any_database: None) -> Mailbox:
    box: Mailbox = MailboxFactory.create()
    return box


def problem(answer: Any, status: int, code: str = "") -> dict[str, Any]:
    """Check that an answer of the test client is a problem document of this status, and return it."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert {"type", "title", "status", "detail", "instance"} <= body.keys()
    assert body["status"] == status
    assert body["instance"] == answer.headers["X-Request-ID"]
    if code:
        assert body["type"] == f"/api/v1/problems/{code}"
    return body
