"""Limits of staff sessions, and how they end (trust §6, attacks E6)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.test import Client

from accounts.models import Staff
from core.audit import SYSTEM
from core.models import AuditEntry
from security import socket_session
from security.models import StaffSession
from security.services import people, sessions
from tests.cast import half_way, open_session, signed_in

Move = Callable[[timedelta], None]


def is_in(client: Client) -> bool:
    return client.get("/account/", headers={"X-Background": "1"}).status_code == 200


@pytest.mark.parametrize(("role", "minutes"), [("agent", 60), ("lead", 15), ("auditor", 15), ("admin", 15)])
@pytest.mark.attack("E6")
def test_session__idle__ends_at_the_limit_of_the_role(
    clone_db: str, agent: Staff, move_time: Move, role: str, minutes: int
) -> None:
    Staff.objects.filter(pk=agent.pk).update(role=role)
    client = signed_in(Client(), agent)
    move_time(timedelta(minutes=minutes, seconds=-10))
    assert is_in(client)
    move_time(timedelta(seconds=20))
    assert not is_in(client)
    assert "_auth_user_id" not in client.session


@pytest.mark.attack("E6")
def test_session__in_use__ends_after_twelve_hours(clone_db: str, agent: Staff, move_time: Move) -> None:
    client = signed_in(Client(), agent)
    for _ in range(14):
        move_time(timedelta(minutes=50))
        assert client.get("/account/").status_code == 200
    move_time(timedelta(minutes=21))
    assert client.get("/account/").status_code == 302


@pytest.mark.attack("E6")
def test_session__background_requests__do_not_keep_it_alive(clone_db: str, agent: Staff, move_time: Move) -> None:
    client = signed_in(Client(), agent)
    for _ in range(2):
        move_time(timedelta(minutes=25))
        assert is_in(client)
    move_time(timedelta(minutes=11))
    assert not is_in(client)


def test_page__of_a_signed_in_person__costs_two_statements_to_admit(
    client: Client, agent: Staff, django_assert_num_queries: Callable[..., Any]
) -> None:
    signed_in(client, agent)
    with django_assert_num_queries(2):  # the cookie's session, the living staff session with its person
        assert client.get("/account/sessions/x/").status_code == 405


def test_touch__within_a_minute__writes_nothing(clone_db: str, agent: Staff, move_time: Move) -> None:
    _, row = open_session(agent)
    assert not sessions.touch(row)
    move_time(timedelta(seconds=61))
    assert sessions.touch(row)
    assert not sessions.touch(row)


def test_session__person_deactivated_without_any_service__is_out_at_once(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    Staff.objects.filter(pk=agent.pk).update(is_active=False)
    assert client.get("/account/").status_code == 302


def test_session__password_changed_without_any_service__is_out_at_once(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    Staff.objects.filter(pk=agent.pk).update(password="another")
    assert client.get("/account/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_session__role_changed__is_read_at_the_next_request(client: Client, admin: Staff) -> None:
    signed_in(client, admin)
    assert client.get("/admin/").status_code == 200
    Staff.objects.filter(pk=admin.pk).update(role="agent")
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.attack("E6")
def test_end_all__two_browsers__both_are_out_and_open_sockets_hear_of_it(clone_db: str, agent: Staff) -> None:
    first, second = signed_in(Client(), agent), signed_in(Client(), agent)
    row = StaffSession.objects.earliest("pk")
    heard = async_to_sync(_listen)(row.public_id, lambda: sessions.end_all(person=agent, reason="x", actor=SYSTEM))
    assert heard == {"type": "session.revoked"}
    assert not is_in(first)
    assert not is_in(second)
    assert not sessions.alive(row.pk)
    assert AuditEntry.objects.filter(action="session.ended").count() == 2


async def _listen(public_id: str, act: Callable[[], Any]) -> dict[str, Any]:
    from asgiref.sync import sync_to_async

    layer = get_channel_layer()
    assert layer is not None
    name = await layer.new_channel()
    await layer.group_add(f"session.{public_id}", name)
    await sync_to_async(act)()
    message: dict[str, Any] = await layer.receive(name)
    return message


def test_session__opened_under_the_former_epoch__is_dead_on_arrival(clone_db: str, agent: Staff) -> None:
    stale = Staff.objects.get(pk=agent.pk)
    sessions.end_all(person=agent, reason="x", actor=SYSTEM)
    _, row = open_session(stale)
    assert not sessions.alive(row.pk)


def test_session_revoke__own_other_browser__is_ended(client: Client, agent: Staff) -> None:
    other, row = open_session(agent)
    signed_in(client, agent)
    assert client.post(f"/account/sessions/{row.public_id}/").status_code == 302
    assert not sessions.alive(row.pk)
    assert socket_session.session_of(other) is None
    assert client.get("/account/").status_code == 200


def test_session_revoke__of_somebody_else__is_404_and_changes_nothing(
    client: Client, agent: Staff, lead: Staff
) -> None:
    _, row = open_session(lead)
    signed_in(client, agent)
    assert client.post(f"/account/sessions/{row.public_id}/").status_code == 404
    assert sessions.alive(row.pk)


@pytest.mark.attack("E6")
def test_password_change__here__ends_the_others_and_gives_a_new_key(
    clone_db: str, client: Client, agent: Staff
) -> None:
    _, other = open_session(agent)
    signed_in(client, agent)
    before = client.session.session_key
    form = {"form": "password", "current": "correct horse battery", "password": "nine green herons fly"}
    assert client.post("/account/", {**form, "password_again": "another"}).status_code == 422
    assert client.post("/account/", {**form, "current": "x", "password_again": form["password"]}).status_code == 422
    assert client.post("/account/", {**form, "password_again": form["password"]}).status_code == 302
    assert client.session.session_key != before
    assert client.get("/account/").status_code == 200
    assert not sessions.alive(other.pk)


def test_socket__living_session__carries_person_and_session(clone_db: str, agent: Staff) -> None:
    key, row = open_session(agent)
    seen, sent = async_to_sync(_connect)(key)
    assert seen["staff"] == agent
    assert seen["staff_session"] == row
    assert sent == []


def test_socket__nobody_half_way_or_ended__closes_with_4401(clone_db: str, agent: Staff) -> None:
    ended_key, ended = open_session(agent)
    sessions.end(session=ended, reason="x", actor=SYSTEM)
    half = half_way(Client(), agent).cookies[settings.SESSION_COOKIE_NAME].value
    for key in ("", "0" * 32, half, ended_key):
        seen, sent = async_to_sync(_connect)(key)
        assert seen == {}
        assert sent[-1] == {"type": "websocket.close", "code": 4401}


def test_socket__password_changed_elsewhere__is_refused(clone_db: str, agent: Staff) -> None:
    key, _ = open_session(agent)
    agent.set_password("another password")
    agent.save(update_fields=["password"])
    assert socket_session.session_of(key) is None


async def _connect(key: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    seen: dict[str, Any] = {}
    sent: list[dict[str, Any]] = []

    async def inner(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        seen.update(scope)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    cookie = f"other=1; {settings.SESSION_COOKIE_NAME}={key}".encode()
    scope = {"type": "websocket", "headers": [(b"host", b"localhost"), (b"cookie", cookie)]}
    await socket_session.StaffSessionMiddleware(inner)(scope, receive, send)
    return seen, sent


@pytest.mark.attack("E6")
def test_deactivate__somebody__ends_sessions_tokens_and_links(clone_db: str, agent: Staff, admin: Staff) -> None:
    client = signed_in(Client(), agent)
    people.deactivate(person=agent, changed_by=admin)
    assert not is_in(client)
    assert StaffSession.objects.get(staff=agent).end_reason == "deactivated"


def test_change_role__two_administrators_at_once__one_stays(
    clone_db: str, admin: Staff, auditor: Staff, race: Callable[..., list[Any]]
) -> None:
    Staff.objects.filter(pk=auditor.pk).update(role="admin")
    race(
        lambda: people.change_role(person=admin, role="agent", changed_by=auditor),
        lambda: people.change_role(person=auditor, role="agent", changed_by=admin),
    )
    assert Staff.objects.filter(role="admin", is_active=True).count() == 1


def test_background__answer_for_the_former_key__takes_the_new_cookie_of_nobody(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    late = Client()
    late.cookies[settings.SESSION_COOKIE_NAME] = "f" * 32

    assert settings.SESSION_COOKIE_NAME not in late.get("/account/", headers={"X-Background": "1"}).cookies
    assert late.get("/account/").cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0
