"""Sending webhooks: one hand at a time, each endpoint in order, each body signed anew at every try.

One that does not take what it is sent rests, longer each time, and keeps no other from its turn. Only lease columns,
and how it went with the endpoint, are written here.
"""

import time
from datetime import timedelta

import structlog
from django.conf import settings

from core import audit
from core.clock import DatabaseNow
from tickets.delivery import outside
from tickets.delivery.outside import NotTold
from tickets.models import WebhookCursor, WebhookDelivery, WebhookEndpoint
from tickets.webhooks import signing

LEASE_S = 30
# A hand that dies holds the place of the hands so long; one that works gives it up after less.
HELD = timedelta(seconds=90)
# Within a round, for all endpoints and for each.
BUDGET_S, EACH_S = 40.0, 10.0
# Between tries, as Standard Webhooks proposes: three days in all.
MINUTE, HOUR = 60.0, 3600.0
PAUSES_S = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
GONE = 410
# Whoever takes nothing for so long is told nothing more.
GIVEN_UP = timedelta(days=5)
State = WebhookDelivery.State

log = structlog.get_logger(__name__)


def send_all() -> int:
    """Send what is due to those who may be knocked at, unless somebody is at it; returns how many were taken."""
    if not WebhookCursor.take(HELD):
        return 0
    try:
        return _send_all(time.monotonic() + BUDGET_S)
    finally:
        WebhookCursor.give_back()


def _send_all(until: float) -> int:
    due = WebhookDelivery.objects.filter(state=State.QUEUED, next_attempt_at__lte=DatabaseNow())
    endpoints = WebhookEndpoint.objects.awake().filter(pk__in=due.values("endpoint"))
    taken = 0
    for endpoint in endpoints.order_by("turn_at", "pk"):
        endpoint.note_turn()
        taken += _send_to(endpoint, min(until, time.monotonic() + EACH_S))
        if time.monotonic() > until:
            break
    return taken


def _send_to(endpoint: WebhookEndpoint, until: float) -> int:
    """Send in order until nothing is due, the time is over or one is not taken; returns how many were."""
    taken = 0
    due = WebhookDelivery.objects.filter(
        endpoint=endpoint, state=State.QUEUED, next_attempt_at__lte=DatabaseNow()
    ).order_by("pk")
    while time.monotonic() < until:
        keys = list(due.values_list("pk", flat=True)[:100])
        if not keys:
            break
        for pk in keys:
            row = WebhookDelivery.claim_row(pk, lease_s=LEASE_S)
            if row is None:
                continue
            if not _send(row, endpoint):
                return taken
            taken += 1
            if time.monotonic() > until:
                break
    return taken


def _send(row: WebhookDelivery, endpoint: WebhookEndpoint) -> bool:
    """Send one; False when the endpoint is to be left alone for now."""
    body = row.body.encode()
    try:
        answer = outside.post(
            endpoint.url, body, headers(endpoint, row.public_id, body), inside=settings.WEBHOOK_INSIDE_HOSTS
        )
    except NotTold as why:
        _not_taken(row, endpoint, str(why))
        return False
    if answer.is_good:
        _settle(row, State.SENT)
        endpoint.note_taken()
        return True
    why_not = f"It answered {answer.status}."
    if answer.status == GONE:
        _settle(row, State.FAILED, why_not)
        _turn_off(endpoint, "gone")
    else:
        _not_taken(row, endpoint, why_not, wait_s=answer.wait_s or 0.0)
    return False


def headers(endpoint: WebhookEndpoint, message_id: str, body: bytes, *, at: int | None = None) -> dict[str, str]:
    """Return the headers of Standard Webhooks; `at` (Unix seconds) is now where it is not given."""
    now = int(time.time()) if at is None else at
    keys = [endpoint.secret]
    if endpoint.former_secret and endpoint.former_until is not None and endpoint.former_until.timestamp() > now:
        keys.append(endpoint.former_secret)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Pharos webhooks",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signing.signature(keys, message_id=message_id, at=now, body=body),
    }


def _not_taken(row: WebhookDelivery, endpoint: WebhookEndpoint, why: str, *, wait_s: float = 0.0) -> None:
    log.warning("webhook_not_taken", webhook=endpoint.public_id, delivery=row.public_id, reason=why)
    pause_s = max(wait_s, PAUSES_S[min(row.attempts, len(PAUSES_S)) - 1])
    if row.attempts > len(PAUSES_S):
        _settle(row, State.FAILED, why)
    elif row.lease_token is not None:
        WebhookDelivery.settle(row.pk, row.lease_token, state=State.QUEUED, error=why, retry_in_s=pause_s)
    endpoint.note_failed(rest=timedelta(seconds=pause_s))
    _turn_off(endpoint, "failing", failing_for=GIVEN_UP)


def _turn_off(endpoint: WebhookEndpoint, why: str, *, failing_for: timedelta | None = None) -> None:
    """Tell it nothing more until an administrator turns it on again; what it is owed waits."""
    if endpoint.turn_off(failing_for=failing_for):
        obj = ("webhookendpoint", endpoint.public_id)
        audit.record("webhookendpoint.turned_off", actor=audit.SYSTEM, obj=obj, detail={"why": why})


def _settle(row: WebhookDelivery, state: str, error: str = "") -> None:
    if row.lease_token is not None:
        WebhookDelivery.settle(row.pk, row.lease_token, state=state, error=error, settled_at=DatabaseNow())
