"""Escalation: a sweep with 100 steps due among many open runs and few, steps a second, and a sweep with nothing due."""

import time
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from accounts.models import Staff
from bench import ground
from bench.report import Measured, Row, Target, row
from tests.factories.escalation import chain
from tests.support.databases import TestStores
from tickets.models import EscalationChain
from tickets.services import escalation_sweep

DUE = 100
ROUNDS = 10
FEW = 10_000
MANY_DUE = 2_000
# However many more are open, what is due costs the same.
MOST_TIMES = 1.5
# One open run on each ticket that is not done, as a customer begins it: two minutes apart, so that none is a storm.
OPEN_RUNS = """
INSERT INTO tickets_escalationrun (public_id, ticket_id, chain_id, cause, state, steps, next_step, fires_at, started_at,
                                   warned_at, breached_at)
SELECT substr(replace(gen_random_uuid()::text, '-', ''), 1, 20), id, %s, 'customer', 'running', %s, 0,
       core.clock() + interval '365 days', core.clock() - id * interval '2 minutes', core.clock(), core.clock()
  FROM tickets_ticket WHERE status IN ('new', 'open', 'pending', 'on_hold') AND NOT is_spam
"""
# The next of each of so many is due now. They stand side by side, few or many as there are.
FALL_DUE = """
UPDATE tickets_escalationrun SET fires_at = core.clock() - interval '1 minute'
 WHERE id IN (SELECT id FROM tickets_escalationrun WHERE next_step = 0 ORDER BY id LIMIT %s)
"""
TOUCHED = """
UPDATE tickets_escalationrun SET told_at = told_at
 WHERE id IN (SELECT id FROM tickets_escalationrun ORDER BY id LIMIT %s)
"""


def measure(stores: TestStores, size: int) -> Measured:
    """Measure with few open runs (a tenth of the size, ten thousand at most) and at the size: one a ticket."""
    measured = Measured("escalation", size)
    sweeps: list[Row] = []
    few = min(FEW, size // 10)
    due = min(DUE, few // ROUNDS // 4)
    for tickets in (few, size):
        label = f"{tickets:,} tickets"
        with ground.filled(stores, tickets) as name, ground.pointed_at(name), stores.owner(name) as owner:
            _prepare(owner)
            floor = row(f"floor: {DUE} rows updated, {label}", [[_touched(owner) for _round in range(ROUNDS)]])
            idle = row(
                f"sweep with nothing due, {label}", [[ground.timed(escalation_sweep.sweep) for _round in range(ROUNDS)]]
            )
            sweep = row(f"sweep with {due} due, {label}", [[_swept(owner, due) for _round in range(ROUNDS)]])
            sweeps.append(sweep)
            measured.results += [floor, idle, sweep]
            if tickets == size:
                many = min(MANY_DUE, tickets // 4)
                measured.floors["steps a second"] = round(many / (_swept(owner, many) / 1000))
    times = round(sweeps[-1].p50_ms / sweeps[0].p50_ms, 2)
    measured.targets.append(Target(f"sweep: {size:,} tickets ÷ {few:,}", times, MOST_TIMES))
    return measured


def _prepare(owner: "psycopg.Connection[Any]") -> EscalationChain:
    person = Staff.objects.filter(role="agent").earliest("pk")
    made = chain(
        {"action": "page", "staff": person}, {"action": "page", "staff": person, "after": "previous", "minutes": 60},
    )  # fmt: skip
    kept = [step.plain().kept() for step in made.steps.all()]
    owner.execute(OPEN_RUNS, [made.pk, Jsonb(kept)])
    owner.execute("ANALYZE tickets_escalationrun, tickets_ticket")
    return made


def _touched(owner: "psycopg.Connection[Any]") -> float:
    return ground.timed(lambda: owner.execute(TOUCHED, [DUE]))


def _swept(owner: "psycopg.Connection[Any]", due: int) -> float:
    """Return the milliseconds of one sweep that takes so many steps, and gives what they owe."""
    owner.execute(FALL_DUE, [due])
    started = time.perf_counter()
    taken = escalation_sweep.sweep()
    spent_ms = 1000 * (time.perf_counter() - started)
    if taken != due:
        message = f"{taken} of {due} were taken."
        raise RuntimeError(message)
    return spent_ms
