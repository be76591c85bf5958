"""Service levels: a sweep with 100 due among many open clocks and few, breaches told a second, reckoning anew."""

import time
from typing import Any

import psycopg

from bench import ground
from bench.report import Measured, Row, Target, row
from tests.factories.sla import policy
from tests.support.databases import TestStores
from tickets.models import SlaCalendar, SlaPolicyVersion, Ticket
from tickets.services import sla_clocks, sla_sweep

DUE = 100
ROUNDS = 10
FEW = 10_000
MANY_DUE = 2_000
RECKONED = 300
# However many more are open, what is due costs the same.
MOST_TIMES = 1.5
OPEN_CLOCKS = """
INSERT INTO tickets_slaclock (ticket_id, metric, version_id, priority, calendar_id, target, started_at, used,
                              runs_since, warn_at, due_at, fires_at, rounds, is_stale)
SELECT id, 'resolution', %s, priority, %s, interval '80 hours', core.clock(), interval '0', core.clock(),
       core.clock() + interval '300 days', core.clock() + interval '400 days', core.clock() + interval '300 days',
       0, false
  FROM tickets_ticket
"""
ON_TICKETS = "UPDATE tickets_ticket SET sla_version_id = %s"
# So many clocks that nobody has told of, missed long ago. They stand side by side, few or many as there are: scattered
# ones would touch a page each where there are many, and share pages where there are few.
FALL_DUE = """
UPDATE tickets_slaclock
   SET target = interval '1 minute', started_at = core.clock() - interval '90 days',
       runs_since = core.clock() - interval '90 days', fires_at = core.clock() - interval '30 minutes'
 WHERE id IN (SELECT id FROM tickets_slaclock WHERE breached_at IS NULL ORDER BY id LIMIT %s)
"""
TOUCHED = "UPDATE tickets_slaclock SET rounds = 1 WHERE id IN (SELECT id FROM tickets_slaclock ORDER BY id LIMIT %s)"


def measure(stores: TestStores, size: int) -> Measured:
    """Measure with ten thousand open clocks (a tenth of a smaller size) and at the size: one for each ticket."""
    measured = Measured("sla", size)
    sweeps: list[Row] = []
    few = min(FEW, size // 10)
    # As many in both, and enough clocks for all rounds in the smaller.
    due = min(DUE, few // ROUNDS)
    for tickets in (few, size):
        label = f"{tickets:,} open clocks"
        with ground.filled(stores, tickets) as name, ground.pointed_at(name), stores.owner(name) as owner:
            version = prepare(owner)
            floor = row(f"floor: {DUE} rows updated, {label}", [_touched(owner)])
            sweep = row(f"sweep with {due} due, {label}", [_sweeps(owner, due)])
            sweeps.append(sweep)
            measured.results += [floor, sweep]
            if tickets == size:
                told, seconds = _catches_up(owner, min(MANY_DUE, tickets // 4))
                measured.floors["told a second"] = round(told / seconds)
                measured.results.append(row(f"reckoned anew, one ticket, {label}", [_reckoned(version)]))
    times = round(sweeps[-1].p50_ms / sweeps[0].p50_ms, 2)
    measured.targets.append(Target(f"sweep: {size:,} open clocks ÷ {few:,}", times, MOST_TIMES))
    return measured


def prepare(owner: "psycopg.Connection[Any]") -> SlaPolicyVersion:
    """Put a policy into force, with open clocks for every ticket."""
    calendar = SlaCalendar.objects.create(name="Office", weekly="mon-fri 09:00-12:30 13:30-18:00", country="DE")
    version = policy(calendar=calendar)
    owner.execute(OPEN_CLOCKS, [version.pk, calendar.pk])
    owner.execute(ON_TICKETS, [version.pk])
    owner.execute("ANALYZE tickets_slaclock, tickets_ticket")
    return version


def _touched(owner: "psycopg.Connection[Any]") -> list[float]:
    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        owner.execute(TOUCHED, [DUE])
        times.append(1000 * (time.perf_counter() - started))
    return times


def _sweeps(owner: "psycopg.Connection[Any]", due: int) -> list[float]:
    times = []
    for _round in range(ROUNDS):
        owner.execute(FALL_DUE, [due])
        started = time.perf_counter()
        told = sla_sweep.sweep()
        times.append(1000 * (time.perf_counter() - started))
        if told != due:
            message = f"{told} of {due} were told."
            raise RuntimeError(message)
    return times


def _catches_up(owner: "psycopg.Connection[Any]", due: int) -> tuple[int, float]:
    owner.execute(FALL_DUE, [due])
    started = time.perf_counter()
    return sla_sweep.sweep(), time.perf_counter() - started


def _reckoned(version: SlaPolicyVersion) -> list[float]:
    times = []
    for ticket in Ticket.objects.filter(sla_version=version).order_by("pk")[:RECKONED]:
        started = time.perf_counter()
        sla_clocks.reckon_anew(ticket=ticket)
        times.append(1000 * (time.perf_counter() - started))
    return times
