"""A clock that is wrong, or steps back: ends are the database's, ages are never negative, nobody waits for lost time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery import Celery
from celery.utils.imports import symbol_by_name
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Staff
from core import heartbeat
from helpdesk.celery import app as product
from security.services import sessions
from security.services.session_store import SessionStore
from tests.cast import open_session, signed_in
from tickets import content_links

WRONG = [timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=-2), timedelta(days=2)]


def wrong_clock(by: timedelta) -> time_machine.travel:
    """Python's clock alone: the web server's own is wrong, the database's is right."""
    return time_machine.travel(datetime.now(UTC) + by, tick=True)


@pytest.mark.django_db
@pytest.mark.parametrize("by", WRONG)
def test_content_link__web_servers_clock_is_wrong__lives_a_minute_of_the_database(by: timedelta) -> None:
    link = content_links.link(session_pk=1, kind="file", target="abc").rpartition("/")[2]
    with wrong_clock(by):
        assert content_links.read(link).target == "abc"


@pytest.mark.parametrize("by", [timedelta(seconds=61), timedelta(minutes=-10)])
def test_content_link__past_its_minute_or_from_a_time_to_come__is_refused_by_any_web_server(
    clone_db: str, move_time: Callable[[timedelta], None], by: timedelta
) -> None:
    link = content_links.link(session_pk=1, kind="file", target="abc").rpartition("/")[2]
    move_time(by)
    with wrong_clock(timedelta()), pytest.raises(content_links.BadLinkError):
        content_links.read(link)


@pytest.mark.django_db
@pytest.mark.parametrize("by", WRONG)
def test_session__web_servers_clock_is_wrong__is_signed_in_all_the_same(
    client: Client, agent: Staff, by: timedelta
) -> None:
    signed_in(client, agent)
    with wrong_clock(by):
        assert client.get("/desk/views/mine/").status_code == 200


def test_session_store__past_its_life_by_the_database__is_empty_and_tidied(
    clone_db: str, move_time: Callable[[timedelta], None]
) -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()
    key = str(store.session_key)
    move_time(timedelta(hours=11))
    SessionStore.clear_expired()
    assert SessionStore(key)["a"] == 1
    move_time(timedelta(hours=2))
    with wrong_clock(timedelta(hours=-13)):
        assert SessionStore(key).get("a") is None
    SessionStore.clear_expired()
    assert not Session.objects.exists()


def test_touch__web_server_is_behind__still_keeps_the_session_alive(
    clone_db: str, move_time: Callable[[timedelta], None], agent: Staff
) -> None:
    _key, session = open_session(agent)
    session.refresh_from_db()
    move_time(timedelta(minutes=2))
    with wrong_clock(timedelta(minutes=-10)):
        assert sessions.touch(session)


def test_pulses__after_the_clock_stepped_back__are_silent_until_they_beat_again_and_never_negative(
    clone_db: str, move_time: Callable[[timedelta], None]
) -> None:
    heartbeat.beat("worker")
    move_time(timedelta(minutes=-10))
    before = {pulse.name: pulse for pulse in heartbeat.pulses()}["worker"]
    assert (before.age_s, before.is_ok, before.is_silent) == (0.0, False, True)
    heartbeat.beat("worker")
    assert {pulse.name: pulse for pulse in heartbeat.pulses()}["worker"].is_ok


def test_beat__clock_steps_back__goes_on_ringing(clone_db: str, tmp_path: Path) -> None:
    scheduler: Any = symbol_by_name(product.conf.beat_scheduler)
    rung: list[str] = []
    app = Celery("clock", broker="memory://")
    app.conf.beat_schedule = {"each second": {"task": "core.seal_audit", "schedule": 1.0}}

    class Heard(scheduler):  # type: ignore[misc]  # whichever the product has set
        def apply_async(self, entry: object, *_a: object, **_k: object) -> None:
            rung.append(str(entry))

    with time_machine.travel(datetime(2026, 11, 23, 12, 0, tzinfo=UTC), tick=False) as clock:
        beat = Heard(app, schedule_filename=str(tmp_path / "rounds"), lazy=False)
        for _ in range(3):
            clock.shift(timedelta(seconds=1.1))
            while beat.tick() == 0:
                pass
        heard = len(rung)
        clock.shift(timedelta(minutes=-10))
        for _ in range(3):
            while beat.tick() == 0:
                pass
            clock.shift(timedelta(seconds=1.1))
    assert heard > 0
    assert len(rung) >= heard + 2
