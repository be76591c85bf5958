"""Devices that show notifications: whose they are, what ends them, and what is no address."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import PushDevice, Staff
from accounts.services import push_devices
from core.models import AuditEntry
from security.models import StaffSession
from security.services import people, sessions
from tests.cast import open_session, signed_in
from tests.support.push_service import Browser

CARD = "/account/#devices"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
ON, SEEN = "/account/devices/", "/account/devices/here/"


def a_browser(name: str = "one") -> Browser:
    return Browser(f"https://push.example/{name}")


def test_device__turned_on__is_listed_sealed_and_turned_off_again(client: Client, agent: Staff, lead: Staff) -> None:
    browser = a_browser()
    signed_in(client, agent)
    assert client.post(ON, browser.posted, headers={"user-agent": FIREFOX}).headers["Location"] == CARD
    device = PushDevice.objects.get()
    assert (device.staff, device.name, device.endpoint) == (agent, "Firefox, Linux", browser.endpoint)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(device)::text FROM accounts_pushdevice AS device")
        stored = cursor.fetchone()[0]
    assert not any(value in stored for value in browser.posted.values())
    page = client.get("/account/").content.decode()
    assert f'data-push-here="{device.digest}"' in page
    assert "push.example" not in page
    # Somebody else's is not there for anybody else.
    end = reverse("security:device_off", args=[device.public_id])
    trial = reverse("desk:device_try", args=[device.public_id])
    other = signed_in(Client(), lead)
    assert [other.post(path).status_code for path in (end, trial)] == [404, 404]
    assert client.post(trial).headers["Location"] == CARD
    assert client.post(end).headers["Location"] == CARD
    assert not PushDevice.objects.exists()
    told = AuditEntry.objects.filter(object_kind="pushdevice").order_by("pk").values_list("action", "detail__reason")
    assert list(told) == [("pushdevice.turned_on", None), ("pushdevice.turned_off", "turned_off")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/x"},
        {"endpoint": "https://name:word@push.example/x"},
        {"browser_key": "x"},
        {"auth": "AAAA"},
    ],
)
def test_device__that_cannot_be_told__is_refused(client: Client, agent: Staff, wrong: dict[str, Any]) -> None:
    signed_in(client, agent)
    assert client.post(ON, a_browser().posted | wrong).headers["Location"] == CARD
    assert not PushDevice.objects.exists()
    assert "cannot be used" in client.get("/account/").content.decode()


def test_device__of_a_session__ends_by_sign_out_and_not_by_age(
    client: Client, agent: Staff, lead: Staff, move_time: Callable[[timedelta], None]
) -> None:
    browser = a_browser()
    signed_in(client, agent).post(ON, browser.posted)
    digest = {"digest": push_devices.digest_of(browser.endpoint)}
    # The next morning, in the same browser: the session of the evening is long past.
    move_time(timedelta(hours=13))
    assert not StaffSession.objects.living().exists()
    assert PushDevice.objects.living().exists()
    assert signed_in(client, agent).post(SEEN, digest).json() == {"is_on": True}
    client.post(reverse("security:sign_out"))
    assert not PushDevice.objects.exists()
    # Somebody else at that browser ends it likewise.
    signed_in(client, agent).post(ON, browser.posted)
    assert signed_in(Client(), lead).post(SEEN, digest).json() == {"is_on": False}
    assert not PushDevice.objects.exists()


def test_device__of_who_is_shut_out__ends(agent: Staff, admin: Staff) -> None:
    _key, here = open_session(agent)
    _key, there = open_session(agent)

    def turn_on() -> None:
        for name, session in (("here", here), ("there", there)):
            posted = a_browser(name).posted
            push_devices.turn_on(person=agent, session=session.public_id, name=name, **posted)

    turn_on()
    sessions.end_others(session=here, reason="password_changed", actor=agent.actor)
    assert [device.name for device in PushDevice.objects.all()] == ["here"]
    turn_on()
    sessions.end_all(person=agent, reason="revoked", actor=admin.actor)
    assert not PushDevice.objects.exists()
    agent.refresh_from_db()
    turn_on()
    people.deactivate(person=agent, changed_by=admin)
    assert not PushDevice.objects.exists()
    # Whoever changed the row by another way reaches nobody either.
    agent.refresh_from_db()
    turn_on()
    assert not PushDevice.objects.living().exists()


def test_device__eleventh__takes_the_place_of_the_one_used_longest_ago(agent: Staff) -> None:
    for number in range(push_devices.MOST + 1):
        push_devices.turn_on(person=agent, session="s" * 20, name=str(number), **a_browser(str(number)).posted)
    names = PushDevice.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == [str(number) for number in range(1, push_devices.MOST + 1)]
