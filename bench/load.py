"""Load: how fast the bulk loader makes tickets, every index and constraint in force, and what one takes on the disk."""

import time
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from bench import ground, loader
from bench.report import Measured, Row, Target, percentile
from tests.support.databases import TestStores

TABLES = (
    "accounts_customer", "accounts_customeraddress", "tickets_ticket", "tickets_tickettag", "tickets_message",
    "tickets_inboundmail", "tickets_outboundmail",
)  # fmt: skip
# A million in less than a quarter of an hour, on a small machine and while other things run.
LEAST_PER_S = 1_200.0


def measure(stores: TestStores, size: int) -> Measured:
    """Fill a database of each size; the floor copies the finished rows into tables without an index."""
    measured = Measured("load", size)
    for tickets in (size // 10, size):
        label = f"{tickets:,} tickets"
        with ground.prepared(stores) as name, stores.owner(name) as owner:
            empty = _bytes(owner)
            batches: list[float] = []
            started = time.perf_counter()
            loader.fill(owner, tickets, say=partial(_note_time, batches))
            seconds = time.perf_counter() - started
            size_mb = (_bytes(owner) - empty) / 1_000_000
            started_copying = time.perf_counter()
            for table in TABLES:
                bare, full = sql.Identifier(f"floor_{table}"), sql.Identifier(table)
                owner.execute(sql.SQL("CREATE TABLE {} AS SELECT * FROM {}").format(bare, full))
            floor = time.perf_counter() - started_copying
        spans = [end - start for start, end in zip([started, *batches], batches, strict=False)]
        measured.results += [
            _row(f"floor: rows copied bare, {label}", tickets, [floor], 0),
            _row(f"made, {label}", tickets, spans, floor / seconds, whole_s=seconds),
        ]
        measured.floors |= {
            f"seconds, {label}": round(seconds, 1),
            f"MB on disk, {label}": round(size_mb, 1),
            f"bytes a ticket, {label}": round(size_mb * 1_000_000 / tickets),
        }
        measured.targets.append(Target(f"made a second, {label}", round(tickets / seconds), LEAST_PER_S, is_least=True))
    return measured


def _row(label: str, tickets: int, spans_s: list[float], ratio: float, *, whole_s: float = 0) -> Row:
    """Times are of one batch; the rate is that of the whole, preparation and analysis included."""
    ordered = sorted(1000 * span for span in spans_s)
    middle = percentile(ordered, 50)
    return Row(
        label,
        tickets,
        middle,
        percentile(ordered, 95),
        percentile(ordered, 99),
        round(tickets / (whole_s or sum(spans_s)), 1),
        ratio=round(ratio, 3) if ratio else None,
        spread=round((ordered[-1] - ordered[0]) / middle, 3),
    )


def _note_time(batches: list[float], _said: str) -> None:
    batches.append(time.perf_counter())


def _bytes(owner: "psycopg.Connection[Any]") -> int:
    row = owner.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0
