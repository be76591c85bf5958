"""Webhooks out: what other systems are told, in which form, once, in order, and what becomes of those that fail."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import Staff
from core import audit
from core.clock import from_now, now
from core.models import AuditEntry
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import answer, mail_ticket
from tests.support import small_hook
from tickets.delivery import outside as posting
from tickets.delivery import webhooks as sending
from tickets.models import Ticket, WebhookCursor, WebhookDelivery, WebhookEndpoint
from tickets.services import properties, replies, webhooks
from tickets.webhooks import signing
from tickets.webhooks.vocabulary import CHOSEN

KEY = signing.new_key()
EVERYTHING = [str(one) for one in CHOSEN]


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[dict[str, Any]]:
    """A system that keeps what it is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    settings.WEBHOOK_INSIDE_HOSTS = ["localhost"]
    with small_hook.listening(tmp_path) as kept:
        yield kept


@pytest.fixture
def endpoint(db: None, outside: dict[str, Any]) -> WebhookEndpoint:
    return made(outside["url"])


def made(url: str = "https://hooks.example/a", name: str = "Ledger", **more: Any) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(name=name, url=url, secret=KEY, **{"events": EVERYTHING, **more})


def owe() -> list[str]:
    """Seal, owe, and return what is owed now, in order."""
    audit.seal()
    webhooks.sweep()
    return list(WebhookDelivery.objects.order_by("pk").values_list("event", flat=True))


def wake() -> None:
    """Let time pass for whatever rests."""
    WebhookEndpoint.objects.update(rests_until=None)
    WebhookDelivery.objects.filter(state="queued").update(next_attempt_at=from_now(-timedelta(seconds=1)))


def verified(headers: dict[str, str], body: bytes, key: str) -> bool:
    """Verify as the specification says, by hand."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}" in headers["webhook-signature"].split(" ")


def test_signature__of_the_published_vector__is_the_published_one() -> None:
    found = signing.signature(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=1_614_265_330,
        body=b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "key", ["", "secret", "whsec_", "whsec_short", "whsec_" + base64.b64encode(b"x" * 65).decode()]
)
def test_key__that_is_none__is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        signing.check_key(key)


@pytest.mark.attack("F3")
def test_change__is_told_signed_in_order_and_without_a_word_of_anybody(
    endpoint: WebhookEndpoint, outside: dict[str, Any], agent: Staff
) -> None:
    ticket = mail_ticket(text="My secret words.", subject="Secret subject")
    properties.assign(ticket=ticket, to=agent, by=agent)
    answer(ticket, "More words.")
    replies.add_note(ticket=ticket, author=agent, text="A note.")
    assert owe() == ["ticket.opened", "message.added", "ticket.assignee_changed", "message.added", "message.added"]
    assert sending.send_all() == 5
    told = [json.loads(body) for _path, _headers, body in outside["got"]]
    assert [one["type"] for one in told] == owe()
    assert {one["data"]["ticket"]["id"] for one in told} == {ticket.public_id}
    assert told[2]["data"]["actor"] == {"kind": "staff", "id": agent.public_id}
    assert told[4]["data"]["detail"]["kind"] == "note"
    for path, headers, body in outside["got"]:
        assert path == "/hook?channel=ops"
        assert verified(headers, body, KEY)
        assert not verified(headers, body + b" ", KEY)
        for word in (b"words", b"ubject", b"note.", b"Mina", b"@"):
            assert word not in body
    assert len({headers["webhook-id"] for _path, headers, _body in outside["got"]}) == 5
    assert sending.send_all() == 0


def test_events_and_teams__only_what_was_chosen_and_nothing_of_before(db: None, agent: Staff, lead: Staff) -> None:
    before = mail_ticket(subject="Before")
    owe()
    team, hidden = TeamFactory.create(), TeamFactory.create(is_restricted=True)
    made(name="All", events=["ticket.opened"])
    made(name="Of one", events=["ticket.opened"], teams=[team.pk])
    made(name="Of the hidden", events=["ticket.opened"], teams=[hidden.pk])
    made(name="Off", events=EVERYTHING, is_active=False)
    properties.set_priority(ticket=before, to="high", by=agent)
    for place in (team, hidden):
        mail_ticket(team=place)
    owe()
    told = WebhookDelivery.objects.values_list("endpoint__name", flat=True)
    assert sorted(told) == ["All", "Of one", "Of the hidden"]


def test_sweep__twice_and_after_a_lost_cursor__owes_nothing_twice(endpoint: WebhookEndpoint) -> None:
    mail_ticket()
    first = owe()
    assert owe() == first
    WebhookCursor.objects.update(seq=0)
    assert owe() == first


@pytest.mark.attack("F1")
@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "https://localhost:1/x", "https://[::1]/x", "https://10.0.0.1/x"]
)
def test_address_inside__is_not_reached(db: None, url: str) -> None:
    made(url)
    mail_ticket()
    owe()
    assert sending.send_all() == 0
    row = WebhookDelivery.objects.order_by("pk")[0]
    assert row.state == "queued"
    assert row.last_error


def test_failure__rests_longer_each_time_then_gives_up_and_others_go_on(
    endpoint: WebhookEndpoint, outside: dict[str, Any]
) -> None:
    other = made(outside["url"], name="Other")
    mail_ticket()
    WebhookDelivery.objects.all().delete()
    owe()
    endpoint.url = outside["url"].replace("/hook", "/broken")
    broken = WebhookDelivery.objects.filter(endpoint=endpoint).order_by("pk")[0]
    outside["status"] = 503
    assert sending.send_all() == 0
    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == ("queued", 1)
    assert timedelta(seconds=3) < broken.next_attempt_at - now() <= timedelta(seconds=5)
    wake()
    sending.send_all()
    broken.refresh_from_db()
    assert timedelta(minutes=4) < broken.next_attempt_at - now() <= timedelta(minutes=5)
    outside["headers"] = {"Retry-After": "1800"}
    wake()
    WebhookEndpoint.objects.filter(pk=other.pk).update(is_active=False)
    WebhookDelivery.objects.filter(pk=broken.pk).update(attempts=0)
    sending.send_all()
    broken.refresh_from_db()
    assert timedelta(minutes=29) < broken.next_attempt_at - now() <= timedelta(minutes=30)
    WebhookDelivery.objects.filter(pk=broken.pk).update(attempts=9)
    wake()
    sending.send_all()
    broken.refresh_from_db()
    assert (broken.state, broken.last_error) == ("failed", "It answered 503.")
    outside.update(status=204, headers={})
    wake()
    assert sending.send_all() > 0
    endpoint.refresh_from_db()
    assert (endpoint.failing_since, endpoint.rests_until) == (None, None)


@pytest.mark.attack("F3")
def test_failure__leaves_neither_key_nor_address_in_log_or_row(
    endpoint: WebhookEndpoint,
    outside: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    outside["status"] = 500
    mail_ticket()
    owe()
    sending.send_all()
    row = WebhookDelivery.objects.exclude(last_error="").get()
    (_path, headers, _body) = outside["got"][0]
    said = caplog.text + "".join(capsys.readouterr()) + row.last_error
    assert endpoint.public_id in said
    for secret in (KEY, KEY.removeprefix("whsec_"), headers["webhook-signature"], "channel=ops", outside["url"]):
        assert secret not in said
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret::text FROM tickets_webhookendpoint WHERE id = %s", [endpoint.pk])
        assert KEY not in str(cursor.fetchone())


def test_gone_and_long_failing__are_turned_off_and_what_they_are_owed_waits(
    endpoint: WebhookEndpoint, outside: dict[str, Any]
) -> None:
    mail_ticket()
    owe()
    outside["status"] = 410
    sending.send_all()
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert AuditEntry.objects.filter(action="webhookendpoint.turned_off", object_id=endpoint.public_id).exists()
    assert WebhookDelivery.objects.filter(state="queued").exists()
    long_ago = from_now(-timedelta(days=6))
    WebhookEndpoint.objects.update(is_active=True, failing_since=long_ago)
    outside["status"] = 500
    sending.send_all()
    endpoint.refresh_from_db()
    assert not endpoint.is_active


def test_replay__sends_the_same_again_under_the_same_id(
    endpoint: WebhookEndpoint, outside: dict[str, Any], agent: Staff
) -> None:
    mail_ticket()
    owe()
    sending.send_all()
    row = WebhookDelivery.objects.order_by("pk")[0]
    assert webhooks.replay(deliveries=[row], by=agent.actor) == 1
    assert webhooks.replay(deliveries=[row], by=agent.actor) == 0
    assert sending.send_all() == 1
    (_path, first, body), (_path, again, same) = outside["got"][0], outside["got"][-1]
    assert (first["webhook-id"], body) == (again["webhook-id"], same)
    assert AuditEntry.objects.filter(action="webhookdelivery.replayed").count() == 1


def test_answer_that_never_ends__is_cut_off_and_the_next_endpoint_has_its_turn(
    endpoint: WebhookEndpoint, outside: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "TIMEOUT_S", 0.3)
    made("https://127.0.0.1/none", name="Another")
    mail_ticket()
    owe()
    outside["is_slow"] = True
    assert sending.send_all() == 0
    rows = WebhookDelivery.objects.exclude(last_error="")
    assert {row.endpoint.name for row in rows} == {"Ledger", "Another"}
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None
    assert endpoint.rests_until is not None


def test_changed_key__signs_beside_the_former_for_a_day(endpoint: WebhookEndpoint) -> None:
    new = signing.new_key()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(secret=new)
    webhooks.change_key(endpoint=endpoint, former=KEY)
    endpoint.refresh_from_db()
    at = int(now().timestamp())
    headers = sending.headers(endpoint, "one", b"body", at=at)
    assert verified(headers, b"body", new)
    assert verified(headers, b"body", KEY)
    later = sending.headers(endpoint, "one", b"body", at=at + 90_000)
    assert verified(later, b"body", new)
    assert not verified(later, b"body", KEY)


def test_one_hand__at_a_time(endpoint: WebhookEndpoint, outside: dict[str, Any]) -> None:
    mail_ticket()
    owe()
    WebhookCursor.objects.update(sending_until=from_now(timedelta(seconds=30)))
    assert sending.send_all() == 0
    WebhookCursor.objects.update(sending_until=from_now(-timedelta(seconds=30)))
    assert sending.send_all() > 0
    assert not outside["headers"]
    assert Ticket.objects.count() == 1
