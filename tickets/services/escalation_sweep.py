"""The sweep of escalation: steps that are due, one of each run at a time, and what people are to be told by now.

Any number of sweepers may run, and one that was away catches up: each step is taken once, behind its ticket's lock.
"""

from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.utils import InterfaceError, OperationalError

from accounts.services import push_devices
from core.clock import DatabaseNow, from_now
from tickets.models import EscalationRun, Ticket
from tickets.services import escalation_notices, escalation_steps

BATCH = 100
# A sweep ends after so many rounds: the next begins within seconds.
ROUNDS = 20
LATER = timedelta(minutes=10)
# All that a sweep costs while nothing is due.
ANYTHING = """
    SELECT EXISTS (SELECT FROM tickets_escalationrun WHERE fires_at <= core.clock())
        OR EXISTS (SELECT FROM tickets_escalationnotice WHERE state = 'queued' AND next_attempt_at <= core.clock())
        OR EXISTS (SELECT FROM tickets_pushmessage WHERE state = 'queued' AND next_attempt_at <= core.clock())
        OR EXISTS (SELECT FROM accounts_pushdevice WHERE gone_at IS NOT NULL)
"""

log = structlog.get_logger(__name__)


def sweep() -> int:
    """Take what is due and tell what is owed; returns how many steps were taken."""
    if not _is_anything_due():
        return 0
    taken = 0
    passed: set[int] = set()
    for _round in range(ROUNDS):
        due = EscalationRun.objects.due().exclude(pk__in=passed).order_by("fires_at")
        found = list(due.values_list("pk", flat=True)[:BATCH])
        taken += sum(_attempt(pk) for pk in found)
        passed.update(found)
        if len(found) < BATCH:
            break
    escalation_notices.give()
    push_devices.remove_gone()
    return taken


def _is_anything_due() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ANYTHING)
        return bool(cursor.fetchone()[0])


def _attempt(pk: int) -> bool:
    """Take one; a run that cannot go on keeps no other from its turn."""
    try:
        return _take(pk)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        log.exception("escalation_not_swept", run=pk)
        EscalationRun.objects.filter(pk=pk, fires_at__isnull=False).update(fires_at=from_now(LATER))
        return False


def _take(pk: int) -> bool:
    """Take the next step of one run, unless somebody holds its ticket or was first. Lock order: ticket, chain, run."""
    with transaction.atomic():
        due = EscalationRun.objects.due().filter(pk=pk)
        held = Ticket.objects.filter(pk__in=due.values("ticket"))
        ticket = held.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
        # Read again behind the lock: what was due before may have been taken meanwhile.
        rows = due.select_related("clock__version", "chain", "storm").annotate(now=DatabaseNow())
        run = rows.first() if ticket is not None else None
        if ticket is None or run is None:
            return False
        return escalation_steps.take(run=run, ticket=ticket, now=run.now)  # type: ignore[attr-defined]
