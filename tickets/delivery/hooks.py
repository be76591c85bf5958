"""Telling a place outside of an escalation: one signed request, without a word of a customer.

Only lease columns are written here.
"""

import hashlib
import hmac
import json
import time
from typing import Any

import structlog
from django.conf import settings
from django.urls import reverse

from core.clock import DatabaseNow
from security.delivery.freezes import pause_s
from tickets.delivery import outside
from tickets.delivery.outside import NotTold
from tickets.escalation.vocabulary import Format
from tickets.models import EscalationHook, EscalationNotice, EscalationRun

LEASE_S = 30
MAX_TRIES = 12
# What asking again does not change.
FINAL = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
State = EscalationNotice.State

log = structlog.get_logger(__name__)


def deliver(pk: int) -> None:
    """Send one notice, if it is due, nobody else is at it and somebody still needs it."""
    row = EscalationNotice.claim_row(pk, lease_s=LEASE_S)
    if row is None or row.hook is None or row.lease_token is None:
        return
    if not row.is_needed():
        _settle(row, State.DROPPED)
        return
    try:
        post(row.hook, body_of(row, row.hook), delivery=row.public_id)
    except NotTold as why:
        log.warning("hook_not_told", notice=row.public_id, reason=str(why))
        if why.is_final or row.attempts >= MAX_TRIES:
            _settle(row, State.FAILED, str(why))
        else:
            EscalationNotice.settle(
                pk, row.lease_token, state=State.QUEUED, error=str(why), retry_in_s=pause_s(row.attempts)
            )
    else:
        _settle(row, State.SENT)


def body_of(row: EscalationNotice, hook: EscalationHook) -> bytes:
    """Return what is sent: numbers, codes and addresses of ours."""
    told = _of_run(row.run) if row.run else _of_storm(row)
    if hook.format == Format.CHAT:
        return json.dumps({"text": told["text"]}).encode()
    return json.dumps({"id": row.public_id, "step": row.position + 1, **told}).encode()


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the header: when it was signed (Unix seconds), and HMAC-SHA-256 of `<at>.<body>` in hexadecimal."""
    found = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={found}"


def post(hook: EscalationHook, body: bytes, *, delivery: str) -> None:
    """Send one body. Raises NotTold."""
    headers = _headers(hook, body, delivery)
    answer = outside.post(hook.url, body, headers, inside=settings.ESCALATION_INSIDE_HOSTS)
    if not answer.is_good:
        raise NotTold(f"It answered {answer.status}.", is_final=answer.status in FINAL)


def _headers(hook: EscalationHook, body: bytes, delivery: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "Pharos escalation",
        "X-Pharos-Delivery": delivery,
        "X-Pharos-Signature": signature(hook.secret, int(time.time()), body),
    }


def _of_run(run: EscalationRun) -> dict[str, Any]:
    ticket = run.ticket
    url = settings.SITE_URL + reverse("desk:ticket", args=[ticket.public_id])
    metric = run.clock.metric if run.clock else ""
    why = f"{run.cause} {metric}".strip().replace("_", " ")
    return {
        "kind": "escalation",
        "chain": run.chain.name,
        "cause": run.cause,
        "metric": metric,
        "ticket": {"number": ticket.number, "id": ticket.public_id, "priority": ticket.priority, "url": url},
        "text": f"Escalation ({run.chain.name}): ticket #{ticket.number}, {why}, priority {ticket.priority}. {url}",
    }


def _of_storm(row: EscalationNotice) -> dict[str, Any]:
    storm = row.storm
    count, name = (storm.runs.count(), storm.chain.name) if storm else (0, "")
    url = settings.SITE_URL + reverse("desk:escalations")
    text = f"Escalation ({name}): {count} tickets at the same time. {url}"
    return {"kind": "escalation.summary", "chain": name, "count": count, "url": url, "text": text}


def _settle(row: EscalationNotice, state: str, error: str = "") -> None:
    if row.lease_token is not None:
        EscalationNotice.settle(row.pk, row.lease_token, state=state, error=error, settled_at=DatabaseNow())
