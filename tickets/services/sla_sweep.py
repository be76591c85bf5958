"""The sweep: warnings and breaches are written down when they are due, at the moments at which they were.

Cost follows what is due: a partial index holds nothing else. Any number of sweepers may run, and one that was away
catches up; what is written down is cleared in the same statement, so that nothing is told twice.
"""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.db.utils import InterfaceError, OperationalError

from core import heartbeat
from core.clock import DatabaseNow, from_now
from tickets import effects
from tickets.models import SlaClock, Ticket
from tickets.selectors import escalation_chains
from tickets.services import sla_clocks

BATCH = 100
# A sweep ends after so many rounds: the next begins within seconds.
ROUNDS = 50
# A case whose clock cannot be written down keeps no other from its turn.
LATER = timedelta(minutes=10)

log = structlog.get_logger(__name__)


def sweep() -> int:
    """Reckon anew what is stale and write down what is due; returns how many warnings and breaches were told."""
    told = 0
    for _round in range(ROUNDS):
        stale = _round_of_stale()
        found, fired = _round_of_due()
        told += fired
        if max(stale, found) < BATCH:
            break
    heartbeat.beat("sweeper", detail=f"clocks: {told} told")
    return told


def _round_of_due() -> tuple[int, int]:
    """Take up to a batch of clocks whose tickets nobody else holds; returns how many there were and were told."""
    with transaction.atomic(), escalation_chains.read_once():
        # Stale ones first learn when they are due: the log says from when that was moved.
        rows = list(_locked(SlaClock.objects.firing().filter(is_stale=False).order_by("fires_at")))
        # A ticket with two of them is one row with one sequence.
        tickets = {row.ticket_id: row.ticket for row in rows}
        return len(rows), sum(_attempt(tickets[row.ticket_id], row) for row in rows)


def _locked(clocks: QuerySet[SlaClock]) -> QuerySet[SlaClock]:
    """Lock order: ticket, clock. Who holds the ticket is about to move its clocks."""
    rows = clocks.select_related("ticket", "version", "calendar").annotate(now=DatabaseNow())
    return rows.select_for_update(of=("ticket",), no_key=True, skip_locked=True)[:BATCH]


def _attempt(ticket: Ticket, row: SlaClock) -> int:
    try:
        with transaction.atomic():
            return _write_down(ticket, row)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        log.exception("sla_clock_not_swept", clock=row.pk)
        SlaClock.objects.filter(pk=row.pk, fires_at__isnull=False).update(fires_at=from_now(LATER))
        return 0


def _write_down(ticket: Ticket, row: SlaClock) -> int:
    """Tell what has come about, unless another has been first: whatever moves a clock moves this moment of it."""
    clock = sla_clocks.clock_of(row)
    clock.notice(row.now)  # type: ignore[attr-defined]
    told = sla_clocks.news(row, clock)
    names = ("warned_at", "breached_at", "warn_at", "due_at", "fires_at")
    values = {name: value for name, value in sla_clocks.columns(clock).items() if name in names}
    if not SlaClock.objects.filter(pk=row.pk, fires_at=row.fires_at).update(**values):
        return 0
    for name, value in values.items():
        setattr(row, name, value)
    # The page turns red by itself; the event on the timeline has it read the rest.
    for what in told:
        sla_clocks.tell(ticket=ticket, row=row, what=what)
    return len(told)


def _round_of_stale() -> int:
    """Reckon up to a batch of stale clocks anew, and the others of their tickets; returns how many there were."""
    with transaction.atomic():
        rows = list(_locked(SlaClock.objects.filter(is_stale=True).order_by("pk")))
        for ticket in {row.ticket_id: row.ticket for row in rows}.values():
            _reckon(ticket)
        return len(rows)


def _reckon(ticket: Ticket) -> None:
    try:
        with transaction.atomic():
            sla_clocks.reckon_anew(ticket=ticket)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        # It waits for its calendar to be mended, which marks it again: no other waits with it.
        log.exception("sla_clocks_not_reckoned", ticket=ticket.pk)
        SlaClock.objects.filter(ticket=ticket, is_stale=True).update(is_stale=False)
        return
    effects.ticket_changed(ticket, ("due_at",))
