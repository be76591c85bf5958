"""What the exchange tells: kept as it came under its own name, then turned into a signal that the customer hears of."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from accounts.models import Customer, ExchangeAccount
from core import audit, doorbell, sealing
from core.clock import DatabaseNow
from core.ids import new_public_id
from core.models.leased import LeasedQuerySet
from security.exchange import event_token
from security.exchange.client import ExchangeAway
from security.exchange.signed_token import BadToken, KeysResting
from security.models import ExchangeEvent, ExchangeSignal, SignalKind
from security.services import announcements
from security.services.announcements import What

__all__ = [
    "BadToken",
    "ConflictError",
    "ExchangeAway",
    "KeysResting",
    "MalformedError",
    "Received",
    "handle",
    "receive",
]

HANDLE = "security.handle_exchange_event"
BATCH = 50
LEASE_S = 30
RAW_DAYS = 30
# A customer who comes for the first time is told what happened to their account in these days.
LATE_DAYS = 7
MEMBERS = {"id", "type", "account_id", "occurred_at", "data"}
LONGEST_ACCOUNT_ID = 100
LONGEST_EVENT_ID = event_token.LONGEST_ID
# The names under which the exchange may say what it is about, in its own ids.
REFERENCES = ("transfer_id", "device_id", "credential_id", "id", "hash")
ASSET, REFERENCE = re.compile(r"[A-Z0-9]{1,20}"), re.compile(r"[A-Za-z0-9_.:-]{1,80}")
TOLD = {
    SignalKind.TRANSFER_LARGE: What.TRANSFER_LARGE,
    SignalKind.DEVICE_NEW: What.DEVICE_NEW,
    SignalKind.CREDENTIAL_CHANGED: What.CREDENTIAL_CHANGED,
}
State = ExchangeEvent.State
# What others do when a signal raises a customer's risk: called in the transaction that keeps the signal.
risen: list[Callable[[Customer], object]] = []


class MalformedError(Exception):
    """The exchange has signed something that is no event; one word says what is wrong. It is kept for review."""


class ConflictError(Exception):
    """An event of this id said something else before; the first one counts."""


class LeaseLostError(Exception):
    """Another worker has taken the event over meanwhile: what was done here is undone."""


@dataclass(frozen=True, slots=True)
class Received:
    """An event that is kept: our name of it, and whether it came for the first time."""

    public_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Event:
    """What an event says."""

    kind: SignalKind
    account_id: str
    occurred_at: datetime
    data: Mapping[str, Any]


def receive(*, authorization: str, raw: bytes) -> Received:
    """Keep an event whose signature covers `raw`; committed when this returns, and handled soon after.

    Raises BadToken, KeysResting, ExchangeAway (nothing is kept), MalformedError (kept for review) and ConflictError;
    what the exchange did not sign, or signed otherwise before, is in the audit log.
    """
    try:
        event_id = event_token.read(authorization, raw)
        account_id, problem = _look(event_id, raw)
        received = _keep(event_id, raw, account_id, problem)
    except (BadToken, ConflictError) as refused:
        reason = str(refused) if isinstance(refused, BadToken) else "conflict"
        audit.record_now("exchange.event_refused", actor=audit.ANONYMOUS, detail={"reason": reason})
        raise
    if problem:
        raise MalformedError(problem)
    return received


def handle(*, pk: int) -> None:
    """Turn a kept event into a signal, if it waits and nobody else is at it; what fails is tried again."""
    token = ExchangeEvent.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    row = ExchangeEvent.objects.get(pk=pk)
    event = _read(row.event_id, sealing.unseal(bytes(row.raw)))
    account = ExchangeAccount.objects.filter(issuer=settings.EXCHANGE_ISSUER, account_id=event.account_id).first()
    with transaction.atomic():
        if account is None:
            state, reason = State.IGNORED, "no_customer"
        else:
            _signal(row, account.customer, event)
            state, reason = State.PROCESSED, ""
        if not ExchangeEvent.settle(pk, token, state=state, reason=reason, handled_at=DatabaseNow()):
            raise LeaseLostError
        audit.record(
            "exchange.event_handled", actor=audit.SYSTEM, obj=("exchange_event", row.public_id),
            detail={"state": state.value, "reason": reason},
        )  # fmt: skip


def look_again(*, account_id: str) -> int:
    """Have what came of an account while it had no customer handled once more; return how many."""
    early = ExchangeEvent.objects.filter(
        account_id=account_id, state=State.IGNORED, received_at__gt=DatabaseNow() - timedelta(days=LATE_DAYS)
    )
    found = list(early.order_by("-pk").values_list("pk", "public_id")[:BATCH])
    for pk, public_id in found:
        ExchangeEvent.objects.filter(pk=pk, state=State.IGNORED).update(
            state=State.STORED, reason="", handled_at=None, next_attempt_at=DatabaseNow()
        )
        audit.record("exchange.event_looked_at_again", actor=audit.SYSTEM, obj=("exchange_event", public_id))
        doorbell.ring(HANDLE, pk)
    return len(found)


def ring_overdue(*, limit: int = BATCH) -> int:
    """Ring for events that nobody has handled and whose time has come; return how many."""
    due = LeasedQuerySet(ExchangeEvent).due().order_by("next_attempt_at").values_list("pk", flat=True)[:limit]
    rung = 0
    for pk in due:
        if not doorbell.ring_now(HANDLE, pk, expires_s=10):
            break
        rung += 1
    return rung


def tidy() -> int:
    """Wipe what came after 30 days, whatever became of it, but what still waits; return how many."""
    old = ExchangeEvent.objects.filter(received_at__lt=DatabaseNow() - timedelta(days=RAW_DAYS)).exclude(raw=b"")
    wiped = old.exclude(state=State.STORED).update(raw=b"")
    if wiped:
        audit.record("exchange.events_wiped", actor=audit.SYSTEM, detail={"count": wiped})
    return wiped


def _keep(event_id: str, raw: bytes, account_id: str, problem: str) -> Received:
    digest, public_id = hashlib.sha256(raw).hexdigest(), new_public_id()
    state = State.QUARANTINED if problem else State.STORED
    row = ExchangeEvent(
        public_id=public_id, event_id=event_id, account_id=account_id, digest=digest, raw=sealing.seal(raw),
        state=state, reason=problem,
    )  # fmt: skip
    with transaction.atomic():
        # One of two that come at once waits for the other here, and finds its row.
        ExchangeEvent.objects.bulk_create([row], ignore_conflicts=True)
        kept = ExchangeEvent.objects.defer("raw").get(event_id=event_id)
        if kept.digest != digest:
            raise ConflictError
        is_new = kept.public_id == public_id
        if is_new:
            audit.record(
                "exchange.event_stored", actor=audit.SYSTEM, obj=("exchange_event", public_id),
                detail={"state": state.value, "reason": problem},
            )  # fmt: skip
            if not problem:
                doorbell.ring(HANDLE, kept.pk)
    return Received(kept.public_id, is_new)


def _look(event_id: str, raw: bytes) -> tuple[str, str]:
    """Return whose account an event is about, and what is wrong with it."""
    try:
        return _read(event_id, raw).account_id, ""
    except MalformedError as malformed:
        return "", str(malformed)


def _read(event_id: str, raw: bytes) -> Event:
    """Return what an event says. Raises MalformedError."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MalformedError("json") from error
    if not isinstance(said, dict) or said.keys() != MEMBERS:
        raise MalformedError("members")
    kind, account_id, data = said["type"], said["account_id"], said["data"]
    if said["id"] != event_id:
        raise MalformedError("id")
    if kind not in SignalKind.values:
        raise MalformedError("type")
    if not isinstance(account_id, str) or not 0 < len(account_id) <= LONGEST_ACCOUNT_ID or not account_id.isprintable():
        raise MalformedError("account_id")
    if not isinstance(data, dict):
        raise MalformedError("data")
    return Event(SignalKind(kind), account_id, _moment(said["occurred_at"]), data)


def _moment(said: object) -> datetime:
    try:
        found = parse_datetime(said) if isinstance(said, str) else None
    except ValueError:
        found = None
    if found is None or not is_aware(found):
        raise MalformedError("occurred_at")
    return found


def _signal(row: ExchangeEvent, customer: Customer, event: Event) -> None:
    """Keep the signal, which raises the risk as the policy says, and tell the customer on every proven channel."""
    named = [event.data[name] for name in REFERENCES if name in event.data]
    values: dict[str, str | int | datetime] = {
        "public_id": new_public_id(), "event": row.public_id, "customer_id": customer.pk, "kind": event.kind.value,
        "occurred_at": event.occurred_at, "asset": _fitting(ASSET, [event.data.get("asset")]),
        "reference": _fitting(REFERENCE, named),
    }  # fmt: skip
    names, places = ", ".join(values), ", ".join(["%s"] * len(values))
    table = ExchangeSignal._meta.db_table
    with connection.cursor() as cursor:
        # The columns that are ours to write, and no other.
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", [*values.values()])  # noqa: S608 -- ours
    audit.record(
        "customer.signalled", actor=audit.SYSTEM, obj=("customer", customer.public_id),
        detail={"kind": event.kind.value, "event": row.public_id},
    )  # fmt: skip
    for hear in risen:
        hear(customer)
    announcements.tell(customer=customer, what=TOLD[event.kind])


def _fitting(shape: re.Pattern[str], values: list[object]) -> str:
    return next((one for one in values if isinstance(one, str) and shape.fullmatch(one)), "")
