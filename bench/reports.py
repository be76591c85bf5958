"""Reports: each section over 30 days, as of now and as of a week ago, and a page of the cases behind a figure."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from accounts.models import Staff
from bench import ground
from bench.loader import PUBLIC_ID
from bench.report import Measured, Target, row
from core import clock
from tests.factories.accounts import StaffFactory
from tests.factories.sla import policy
from tests.support.databases import TestStores
from tickets.reports.asked import Asked, settled
from tickets.selectors import reports

ROUNDS = 5
# A lead who waits longer looks elsewhere.
MOST_MS = 2_000
DAYS = timedelta(days=30)
# Each case had its answer, late for every tenth; what is done was resolved.
CLOCKS = """
INSERT INTO tickets_slaclock (ticket_id, metric, version_id, priority, target, started_at, used, breached_at, met_at,
                              rounds, is_stale)
SELECT id, 'first_response', {version}, priority, interval '1 hour', created_at, interval '30 minutes',
       CASE WHEN id % 10 = 0 THEN created_at + interval '40 minutes' END,
       created_at + interval '50 minutes', 0, false
  FROM tickets_ticket WHERE status <> 'new'
UNION ALL
SELECT id, 'resolution', {version}, priority, interval '1 day', created_at, interval '30 minutes', NULL, resolved_at,
       0, false
  FROM tickets_ticket WHERE resolved_at IS NOT NULL
"""
MOVES = """
WITH numbered AS (UPDATE tickets_ticket SET last_seq = last_seq + 2 WHERE resolved_at IS NOT NULL RETURNING *)
INSERT INTO tickets_message (
    public_id, ticket_id, seq, kind, direction, channel, sender_role, sender_name, sender_address, reply_to_address,
    is_sender_proven, proof, is_automatic, text, quoted_text, html, language, redactions, event, event_data, client_key,
    message_id_header, in_reply_to_header, created_at)
SELECT {public_id}, numbered.id, numbered.last_seq - 1 + step.place, 'event', 'out', 'api', 'system', '', '', '', false,
       '', false, '', '', '', '', '[]', step.event, step.data, '', '', '', step.at
  FROM numbered CROSS JOIN LATERAL (VALUES
    (0, 'assignee_changed', jsonb_build_object('to', 'somebody'), numbered.created_at + interval '20 minutes'),
    (1, 'status_changed', jsonb_build_object('from', 'open', 'to', 'resolved'), numbered.resolved_at)
  ) AS step (place, event, data, at)
"""


def measure(stores: TestStores, size: int) -> Measured:
    """Measure at the size."""
    measured = Measured("reports", size)
    with ground.filled(stores, size) as name, ground.pointed_at(name), stores.owner(name) as owner:
        lead: Staff = StaffFactory.create(role="lead")
        _prepare(owner)
        at = settled(clock.now())
        for label, as_of in (("now", at), ("a week ago", at - timedelta(days=7))):
            asked = Asked("own", as_of - DAYS, as_of, as_of, ZoneInfo("Europe/Berlin"))
            for section in reports.SECTIONS:
                _add(measured, f"{section}, as of {label}", partial(reports.section, section, asked, lead))
            opened = asked.narrowed({"figure": "opened"})
            _add(measured, f"cases behind a figure, as of {label}", partial(reports.listed, opened, lead))
    slowest = max(one.p50_ms for one in measured.results)
    measured.targets.append(Target("the slowest, in ms", slowest, MOST_MS))
    return measured


def _add(measured: Measured, label: str, ask: Callable[[], object]) -> None:
    ask()
    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - started))
    measured.results.append(row(label, [times]))


def _prepare(owner: "psycopg.Connection[object]") -> None:
    version = policy()
    owner.execute(sql.SQL(CLOCKS).format(version=sql.Literal(version.pk)))
    public_id = PUBLIC_ID.format(key="numbered.id || '-' || step.place")
    owner.execute(MOVES.replace("{public_id}", public_id).encode())
    owner.execute("ANALYZE tickets_slaclock, tickets_slastep, tickets_ticket, tickets_message")
