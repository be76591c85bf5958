"""Bulk: many tickets changed by one wish, with clocks, timeline and audit, and put back; beside one bare UPDATE."""

import time
from functools import partial
from typing import Any, Final

import psycopg

from accounts.models import Staff
from bench import ground, sla
from bench.report import Measured, Target, row
from tests.support.databases import TestStores
from tickets.actions import Action, Kind
from tickets.models import BulkChange, Ticket
from tickets.models.ticket import Status
from tickets.services import bulk

MANY: Final = 10_000
MOST_S: Final = 10.0
TOUCHED: Final = "UPDATE tickets_ticket SET version = version + 1 WHERE id = ANY(%s)"
WANTED: Final = {
    "priority": (Action(Kind.PRIORITY, "urgent"),),
    "assignee and a tag": (Action(Kind.ASSIGNEE, "me"), Action(Kind.ADD_TAGS, "outage")),
    "status": (Action(Kind.STATUS, Status.PENDING),),
}


def measure(stores: TestStores, size: int) -> Measured:
    """Measure each kind of change on ten thousand tickets (all of a smaller size), and undoing it."""
    measured = Measured("bulk", size)
    with ground.filled(stores, size) as name, ground.pointed_at(name), stores.owner(name) as owner:
        sla.prepare(owner)
        lead = Staff.objects.order_by("pk")[0]
        Staff.objects.filter(pk=lead.pk).update(role="lead")
        lead.refresh_from_db()
        keys = list(Ticket.objects.filter(status__in=(Status.NEW, Status.OPEN)).values_list("pk", flat=True)[:MANY])
        measured.results.append(row("floor: one UPDATE of as many rows", [[_touched(owner, keys)]]))
        slowest = 0.0
        for label, wanted in WANTED.items():
            change = bulk.begin(by=lead, tickets=keys, wanted=wanted)
            slices = _worked(change)
            measured.results.append(row(f"{label}: slices of {bulk.SLICE}", [slices]))
            undoing = _worked(bulk.undo(change=BulkChange.objects.get(pk=change.pk), by=lead))
            measured.results.append(row(f"{label}, undone: slices of {bulk.SLICE}", [undoing]))
            measured.floors[f"{label}, s"] = round(sum(slices) / 1000, 1)
            measured.floors[f"{label}, undone, s"] = round(sum(undoing) / 1000, 1)
            slowest = max(slowest, sum(slices) / 1000, sum(undoing) / 1000)
        measured.floors["tickets"] = len(keys)
        measured.targets.append(Target("slowest, s for 10,000 tickets", round(slowest / len(keys) * MANY, 1), MOST_S))
    return measured


def _touched(owner: "psycopg.Connection[Any]", keys: list[int]) -> float:
    return ground.timed(partial(owner.execute, TOUCHED, [keys]))


def _worked(change: BulkChange) -> list[float]:
    """Work a change off; the milliseconds of each slice."""
    spans: list[float] = []
    is_more = True
    while is_more:
        started = time.perf_counter()
        is_more = bulk.work_slice(change.pk)
        spans.append((time.perf_counter() - started) * 1000)
    found = BulkChange.objects.get(pk=change.pk)
    if not found.is_over or found.done < found.total:
        message = f"{found.done} of {found.total} were changed, {found.skipped} left alone, {found.failed} failed."
        raise RuntimeError(message)
    return spans
