"""Webhooks out: what endpoints are owed of what the audit log says.

Nobody who changes something waits for it: events are read from the sealed chain, which has every change in one order,
written in the change's own transaction. `tickets_webhookcursor` says how far that was done.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction

from core import audit, clock, doorbell
from core.audit import Actor
from core.clock import DatabaseNow, from_now
from core.models import AuditSeal
from tickets.models import Ticket, WebhookCursor, WebhookDelivery, WebhookEndpoint
from tickets.webhooks.vocabulary import ACTIONS, WebhookEvent, data_of

SENDING_TASK = "tickets.send_webhooks"
BATCH = 1_000
# Batches of one round; the next begins within seconds.
ROUNDS = 20
# A former key signs besides for so long.
OVERLAP = timedelta(hours=24)
# Bodies are kept for replays so long.
KEPT = timedelta(days=30)
State = WebhookDelivery.State


def sweep() -> int:
    """Owe what has happened since, and have it sent; returns how many deliveries are new."""
    owed = 0
    for _round in range(ROUNDS):
        read, new = _owe_next()
        owed += new
        if read < BATCH:
            break
    if WebhookDelivery.objects.filter(state=State.QUEUED, next_attempt_at__lte=DatabaseNow()).exists():
        doorbell.ring_now(SENDING_TASK, expires_s=10)
    return owed


def try_out(*, endpoint: WebhookEndpoint, by: Actor) -> WebhookDelivery:
    """Owe an endpoint a trial."""
    with transaction.atomic():
        body = _body(WebhookEvent.PING, clock.now().isoformat(), {})
        row = WebhookDelivery.objects.create(endpoint=endpoint, event=WebhookEvent.PING, seq=0, body=body)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(rests_until=None)
        audit.record("webhookendpoint.tried", actor=by, obj=("webhookendpoint", endpoint.public_id))
        doorbell.ring(SENDING_TASK)
    return row


def replay(*, deliveries: Iterable[WebhookDelivery], by: Actor) -> int:
    """Send these again, under the same ids, whatever became of them; returns how many that are.

    Whoever has taken one knows it by its id.
    """
    count = 0
    with transaction.atomic():
        for row in deliveries:
            done = WebhookDelivery.objects.filter(pk=row.pk).exclude(state=State.QUEUED)
            again = {"state": State.QUEUED, "attempts": 0, "next_attempt_at": DatabaseNow(), "settled_at": None}
            if done.update(**again, last_error=""):
                count += 1
                obj = ("webhookendpoint", row.endpoint.public_id)
                WebhookEndpoint.objects.filter(pk=row.endpoint_id).update(rests_until=None)
                audit.record("webhookdelivery.replayed", actor=by, obj=obj, detail={"delivery": row.public_id})
        doorbell.ring(SENDING_TASK)
    return count


def tidy() -> int:
    """Remove deliveries that are over for long; returns how many went."""
    old = WebhookDelivery.objects.exclude(state=State.QUEUED).filter(created_at__lt=DatabaseNow() - KEPT)
    return old.delete()[0]


def _owe_next() -> tuple[int, int]:
    """Read the next places of the chain; return how many, and how many deliveries came of them."""
    with transaction.atomic():
        cursor = WebhookCursor.objects.select_for_update(no_key=True, skip_locked=True).first()
        if cursor is None:
            return 0, 0
        endpoints = list(WebhookEndpoint.objects.filter(is_active=True))
        if not endpoints:
            last = AuditSeal.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
            WebhookCursor.objects.filter(pk=cursor.pk, seq__lt=last).update(seq=last)
            return 0, 0
        seals = list(AuditSeal.objects.filter(seq__gt=cursor.seq).select_related("entry").order_by("seq")[:BATCH])
        if not seals:
            return 0, 0
        rows = list(_rows(seals, endpoints))
        WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
        WebhookCursor.objects.filter(pk=cursor.pk).update(seq=seals[-1].seq)
        return len(seals), len(rows)


def _rows(seals: list[AuditSeal], endpoints: list[WebhookEndpoint]) -> Iterable[WebhookDelivery]:
    told = [one for one in seals if one.entry.action in ACTIONS and one.entry.object_kind == "ticket"]
    wanted = {one for endpoint in endpoints for one in endpoint.events}
    ids = {one.entry.object_id for one in told if one.entry.action in wanted}
    tickets = {one.public_id: one for one in Ticket.objects.filter(public_id__in=ids).select_related("team")}
    for seal in told:
        ticket = tickets.get(seal.entry.object_id)
        if ticket is None:
            continue
        event = seal.entry.action
        body = _body(
            event,
            seal.entry.at.isoformat(),
            data_of(seal.entry, {"id": ticket.public_id, "number": ticket.number}),
        )
        for endpoint in endpoints:
            # Nobody is told of what happened before they were there.
            if event in endpoint.events and endpoint.created_at <= seal.entry.at and _takes(endpoint, ticket):
                yield WebhookDelivery(endpoint=endpoint, event=event, seq=seal.seq, body=body)


def _takes(endpoint: WebhookEndpoint, ticket: Ticket) -> bool:
    if endpoint.teams:
        return ticket.team_id in endpoint.teams
    return ticket.team is None or not ticket.team.is_restricted


def _body(event: str, at: str, data: dict[str, Any]) -> str:
    """Return the body of Standard Webhooks: type, timestamp (ISO 8601) and data."""
    return json.dumps({"type": event, "timestamp": at, "data": data}, separators=(",", ":"))


def change_key(*, endpoint: WebhookEndpoint, former: str) -> None:
    """Let the `former` key sign besides, for a day: whoever verifies can change theirs meanwhile."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(former_secret=former, former_until=from_now(OVERLAP))
