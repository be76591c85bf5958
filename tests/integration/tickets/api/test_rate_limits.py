"""Allowances per token and person: told in every answer, refused with Retry-After, and gone without harm when Redis is."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from core import rate_limits
from tests.cast import signed_in
from tests.integration.tickets.api.conftest import NEW, TICKETS, Calling, problem
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def allow(settings: Settings, **limits: int) -> None:
    settings.API_CALLS_PER_MIN = {**settings.API_CALLS_PER_MIN, **limits}


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the window still: a test must not fall on the turn of a minute."""
    monkeypatch.setattr(rate_limits, "now_s", lambda: 1_800_000_015.0)
    monkeypatch.setattr(rate_limits._breaker, "closed_at", 0.0)


def test_limit__calls_within_it__say_what_remains(agent: Staff, calling: Calling, settings: Settings) -> None:
    allow(settings, read=5)
    caller = calling(agent, "read")
    caller.get(TICKETS)
    answer = caller.get(TICKETS)
    assert answer.headers["RateLimit-Policy"] == '"read";q=5;w=60'
    assert answer.headers["RateLimit"] == '"read";r=3;t=45'


def test_limit__one_too_many__is_429_with_retry_after_and_changes_nothing(
    agent: Staff, calling: Calling, settings: Settings
) -> None:
    allow(settings, write=2)
    caller = calling(agent)
    answers = [caller.post(TICKETS, NEW) for _ in range(3)]
    assert [one.status_code for one in answers] == [201, 201, 429]
    problem(answers[2], 429, "throttled")
    assert answers[2].headers["Retry-After"] == "45"
    assert re.fullmatch(r'"write";r=0;t=45', answers[2].headers["RateLimit"])
    assert Ticket.objects.count() == 2
    assert caller.get(TICKETS).status_code == 200


def test_limit__of_one_token__is_not_anothers_nor_the_persons(
    agent: Staff, calling: Calling, client: Client, settings: Settings
) -> None:
    allow(settings, read=1)
    first, second = calling(agent, "read"), calling(agent, "read")
    assert [first.get(TICKETS).status_code for _ in range(2)] == [200, 429]
    assert second.get(TICKETS).status_code == 200
    assert [signed_in(client, agent).get(TICKETS).status_code for _ in range(2)] == [200, 429]


def test_limit__redis_away__allows_and_leaves_redis_alone_for_a_while(
    agent: Staff, calling: Calling, settings: Settings
) -> None:
    allow(settings, read=1)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    caller = calling(agent, "read")
    answers = [caller.get(TICKETS) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 200]
    assert "RateLimit" not in answers[0].headers
    assert rate_limits._breaker.is_open
