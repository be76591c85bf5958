"""The exchange's events: what is taken, what is refused and how that is told, and what a signal does."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from accounts.models import Customer
from core.clock import from_now
from core.models import AuditEntry, Notice
from security import selectors
from security.exchange import signed_token
from security.models import ExchangeEvent, ExchangeSignal
from security.services import exchange_events
from tests.factories.customers import portal_customer
from tests.support.small_exchange import SmallExchange

EVENTS = "/api/v1/exchange/events/"
Move = Callable[[timedelta], None]


def sent(exchange: SmallExchange, body: bytes, event_id: str = "evt_1", authorization: str | None = None) -> Any:
    """Send an event, as the exchange does."""
    token = exchange.signed(body, event_id) if authorization is None else authorization
    return Client().generic("POST", EVENTS, body, content_type="application/json", headers={"Authorization": token})


def code(answer: Any, status: int) -> str:
    """Check that an answer is a problem document that says what is wrong; return its code."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["detail"]
    return str(said["code"] if "code" in said else said["type"].rpartition("/")[2])


def refusals() -> list[str]:
    newest = AuditEntry.objects.filter(action="exchange.event_refused").order_by("-pk")[:1]
    return [str(one.detail["reason"]) for one in newest]


def handled() -> ExchangeEvent:
    """Handle the newest event; return it as it is then."""
    row = ExchangeEvent.objects.latest("pk")
    exchange_events.handle(pk=row.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def mina(clone_db: str, exchange: SmallExchange) -> Customer:
    return portal_customer()


# ── what is taken ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_event__signed__is_202_then_200_with_the_same_id_and_kept_sealed(
    mina: Customer, exchange: SmallExchange
) -> None:
    body = exchange.event(data={"device_id": "dev_9"})
    first, again = sent(exchange, body), sent(exchange, body)
    assert (first.status_code, again.status_code) == (202, 200)
    row = ExchangeEvent.objects.get()
    assert first.json() == again.json() == {"id": row.public_id}
    assert (row.event_id, row.state, b"dev_9" in bytes(row.raw)) == ("evt_1", "stored", False)
    assert AuditEntry.objects.filter(action="exchange.event_stored").count() == 1


def test_event__ten_at_once__is_one_row(mina: Customer, exchange: SmallExchange) -> None:
    # The keys are known then: who comes while they are fetched is asked to come again.
    assert sent(exchange, exchange.event("evt_0"), event_id="evt_0").status_code == 202
    body = exchange.event()

    def send(_turn: int) -> int:
        return int(sent(exchange, body).status_code)

    with ThreadPoolExecutor(10) as pool:
        codes = sorted(pool.map(send, range(10)))
    assert codes == [200] * 9 + [202]
    assert ExchangeEvent.objects.filter(event_id="evt_1").count() == 1


def test_event__same_id_with_another_body__is_409_and_the_first_counts(mina: Customer, exchange: SmallExchange) -> None:
    sent(exchange, exchange.event())
    assert code(sent(exchange, exchange.event(type="transfer.large")), 409) == "conflict"
    assert refusals() == ["conflict"]
    assert handled().state == "processed"
    assert ExchangeSignal.objects.get().kind == "device.new"


def test_event__by_a_new_key__is_taken_at_once(
    mina: Customer, exchange: SmallExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sent(exchange, exchange.event()).status_code == 202
    exchange.rotate()
    # A moment ago we have looked: the next look is due in a few seconds, and the sender is told so.
    answer = sent(exchange, exchange.event("evt_2"), "evt_2")
    assert (code(answer, 503), answer.headers["Retry-After"]) == ("keys_unavailable", "5")
    monkeypatch.setattr(signed_token, "REST_S", 0.0)
    assert sent(exchange, exchange.event("evt_2"), "evt_2").status_code == 202


# ── what is not ────────────────────────────────────────────────────────────────────────────────────────────────────


def now_s() -> int:
    return int(datetime.now(UTC).timestamp())


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "typ": ({"typ": "hand-off+jwt"}, {}),
    "alg": ({"alg": "HS256"}, {}),
    "kid": ({"kid": "unknown"}, {}),
    "aud": ({}, {"aud": "pharos-portal"}),
    "iss": ({}, {"iss": "https://elsewhere.test"}),
    "missing": ({}, {"jti": None}),
    "life": ({}, {"iat": 0, "exp": 4_000_000_000}),
    "expired": ({}, {"iat": 1_000_000_000, "exp": 1_000_000_030}),
    "future": ({}, {"iat": 4_000_000_000, "exp": 4_000_000_030}),
    "time": ({}, {"iat": "now"}),
    "bh": ({}, {"bh": "AAAA"}),
    "jti": ({}, {"jti": "x" * 101}),
}


@pytest.mark.parametrize("reason", REFUSED)
@pytest.mark.django_db
def test_event__token_that_proves_too_little__is_401_told_and_recorded(
    reason: str, exchange: SmallExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_token, "REST_S", 0.0)
    exchange.header, exchange.claims = REFUSED[reason]
    answer = sent(exchange, exchange.event())
    assert code(answer, 401) == "signature"
    assert (reason in answer.json()["detail"], "WWW-Authenticate" in answer.headers) == (True, True)
    assert refusals() == [reason]
    assert not ExchangeEvent.objects.exists()


@pytest.mark.django_db
def test_event__no_token_a_token_of_ours_or_none__is_401(exchange: SmallExchange) -> None:
    exchange.header = {"alg": "none"}
    for authorization in ("", "Basic eDp5", "Bearer ph_abc", "Bearer", exchange.signed(exchange.event())):
        assert code(sent(exchange, exchange.event(), authorization=authorization), 401) == "signature"
    assert not ExchangeEvent.objects.exists()


@pytest.mark.django_db
def test_event__signed_by_a_key_that_is_not_published__is_401(
    exchange: SmallExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signed_token, "REST_S", 0.0)
    exchange.rotate(publish=False)
    assert code(sent(exchange, exchange.event()), 401) == "signature"
    assert refusals() == ["kid"]


@pytest.mark.django_db
def test_event__exchange_away_when_its_keys_are_needed__is_503(exchange: SmallExchange, settings: Any) -> None:
    settings.EXCHANGE_JWKS_URL = "http://127.0.0.1:1/jwks.json"
    answer = sent(exchange, exchange.event())
    assert (code(answer, 503), answer.headers["Retry-After"]) == ("keys_unavailable", "5")


MALFORMED: dict[str, tuple[str, dict[str, Any]]] = {
    "another id": ("id", {"id": "evt_2"}),
    "type": ("type", {"type": "account.closed"}),
    "type that is none": ("type", {"type": []}),
    "no account": ("account_id", {"account_id": ""}),
    "account with a NUL": ("account_id", {"account_id": "acc\x00"}),
    "time without a zone": ("occurred_at", {"occurred_at": "2026-01-01T00:00:00"}),
    "time that is not": ("occurred_at", {"occurred_at": "2026-02-31T00:00:00Z"}),
    "data": ("data", {"data": []}),
    "one member more": ("members", {"more": 1}),
}


@pytest.mark.parametrize("what", MALFORMED)
@pytest.mark.django_db
def test_event__signed_and_malformed__is_400_and_kept_for_review(what: str, exchange: SmallExchange) -> None:
    reason, changed = MALFORMED[what]
    body = exchange.event(**changed)
    for _turn in range(2):
        answer = sent(exchange, body)
        assert (code(answer, 400), f": {reason}." in answer.json()["detail"]) == ("malformed", True)
    row = ExchangeEvent.objects.get()
    assert (row.state, row.reason) == ("quarantined", reason)
    exchange_events.handle(pk=row.pk)
    assert not ExchangeSignal.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"[" * 5000, b"\xff"], ids=["nothing", "half", "list", "deep", "no text"]
)
def test_event__signed_and_no_json_object__is_400_and_kept(body: bytes, exchange: SmallExchange) -> None:
    assert code(sent(exchange, body), 400) == "malformed"
    assert ExchangeEvent.objects.get().state == "quarantined"


@pytest.mark.django_db
def test_event__larger_than_it_may_be__is_413(exchange: SmallExchange) -> None:
    body = exchange.event(data={"x": "y" * configured.MAX_EVENT_BYTES})
    code(sent(exchange, body), 413)
    assert not ExchangeEvent.objects.exists()


@pytest.mark.django_db
def test_event__one_address_too_often__is_429(exchange: SmallExchange, settings: Any) -> None:
    settings.EXCHANGE_EVENTS_PER_MIN = 2
    codes = [sent(exchange, b"", authorization="").status_code for _turn in range(3)]
    assert codes == [401, 401, 429]


# ── what a signal does ─────────────────────────────────────────────────────────────────────────────────────────────


def test_signal__of_a_customer__is_told_to_them_and_raises_their_risk(
    mina: Customer, exchange: SmallExchange, move_time: Move
) -> None:
    sent(
        exchange, exchange.event(type="transfer.large", data={"asset": "BTC", "transfer_id": "tr_123456", "to": "Bob"})
    )
    assert handled().state == "processed"
    shown = selectors.exchange_signals(mina)
    assert [(one.kind, one.asset, one.reference) for one in shown] == [("transfer.large", "BTC", "…3456")]
    told = Notice.objects.get(kind="customer_security")
    assert told.to_address == "mina@example.com"
    assert "large transfer" in told.body
    assert "/portal/freeze/" in told.body
    until = selectors.risk_raised_until(mina)
    assert until is not None
    assert AuditEntry.objects.filter(action="customer.signalled", object_id=mina.public_id).exists()
    move_time(timedelta(hours=24, seconds=1))
    assert selectors.risk_raised_until(mina) is None


def test_signal__data_that_is_no_id__is_not_kept(mina: Customer, exchange: SmallExchange) -> None:
    sent(exchange, exchange.event(data={"asset": "bit coin", "device_id": "Mina's telephone", "hash": 3}))
    handled()
    signal = ExchangeSignal.objects.get()
    assert (signal.asset, signal.reference) == ("", "")


def test_signal__handled_twice__is_one(mina: Customer, exchange: SmallExchange) -> None:
    sent(exchange, exchange.event())
    handled()
    handled()
    assert (ExchangeSignal.objects.count(), Notice.objects.filter(kind="customer_security").count()) == (1, 1)


def test_signal__of_an_account_without_a_customer__waits_for_their_first_sign_in(
    clone_db: str, exchange: SmallExchange
) -> None:
    sent(exchange, exchange.event())
    assert (handled().state, ExchangeSignal.objects.count()) == ("ignored", 0)
    client = Client()
    begun = client.get("/portal/sign-in/exchange/", {"next": "/portal/"}).headers["Location"]
    client.get("/portal/hand-off/", exchange.hand_off(begun))
    assert handled().state == "processed"
    assert ExchangeSignal.objects.get().customer.name == "Mina Customer"


def test_event__bell_lost__is_rung_for_again(mina: Customer, exchange: SmallExchange) -> None:
    sent(exchange, exchange.event())
    ExchangeEvent.objects.update(next_attempt_at=from_now(timedelta(seconds=-1)))
    assert exchange_events.ring_overdue() == 1


def test_event__thirty_days_old__is_wiped_but_for_what_waits(
    mina: Customer, exchange: SmallExchange, move_time: Move
) -> None:
    sent(exchange, exchange.event())
    handled()
    sent(exchange, exchange.event("evt_2"), "evt_2")
    move_time(timedelta(days=30, seconds=1))
    assert exchange_events.tidy() == 1
    assert [bytes(row.raw) == b"" for row in ExchangeEvent.objects.order_by("pk")] == [True, False]


@pytest.fixture(autouse=True)
def _keys_forgotten() -> Iterator[None]:
    """Each test has an exchange of its own."""
    yield
    signed_token._exchange_keys.cache_clear()
