"""Bells for tasks that look at everything: a thousand ring once, and who rings after the look has begun is heard."""

from typing import Any

import pytest
from celery import current_app

from core import doorbell, passing

TASK = "livechat.sweep_rings"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the tasks that the broker was given."""
    found: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_given: found.append(name))
    doorbell.begun(TASK)
    return found


@pytest.mark.django_db
def test_ring_once__many_before_the_look_begins__is_one(
    rung: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _number in range(5):
            doorbell.ring_once(TASK)
    assert rung == [TASK]


@pytest.mark.django_db
def test_ring_once__after_the_look_has_begun__is_heard_anew(
    rung: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    for _number in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            doorbell.ring_once(TASK)
        doorbell.begun(TASK)
    assert rung == [TASK, TASK]


@pytest.mark.django_db
def test_ring_once__redis_away__rings_every_time(
    rung: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(passing, "_breaker", type(passing._breaker)())
    with django_capture_on_commit_callbacks(execute=True):
        doorbell.ring_once(TASK)
        doorbell.ring_once(TASK)
    assert rung == [TASK, TASK]
