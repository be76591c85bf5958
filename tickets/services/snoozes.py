"""Putting cases to sleep until a time, and waking them: by the time, by the customer, by a colleague, by hand.

A row says until when; the sweep only looks at what is due, so that nothing is forgotten by whoever dies. Waking is one
transaction with its event: there is nothing half done that a lease would have to hold.
"""

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit, heartbeat
from core.clock import DatabaseNow
from core.storable_text import storable
from security.redaction import redact
from tickets.models import Snooze, Ticket
from tickets.models.snooze import LONGEST_REASON, WokenBy
from tickets.models.ticket import DONE
from tickets.services import errors, timeline

BATCH = 100
# A sweep ends after so many rounds: the next begins within seconds.
ROUNDS = 50

log = structlog.get_logger(__name__)


class NoSuchTime(errors.Refused):
    """It has passed, or is further away than a year."""

    code = "no_such_time"
    message = _("Choose a time to come, at most a year ahead.")


class NothingToSnooze(errors.Refused):
    """A case that is done waits for nobody."""

    code = "nothing_to_snooze"
    message = _("A case that is resolved or closed cannot be put to sleep.")


def put_to_sleep(*, ticket: Ticket, until: datetime, by: Staff, reason: str = "") -> Snooze:
    """Take a case out of the queues of its assignee, or of `by` where it has none; a second time moves the end.

    The clocks of its service levels go on. Raises Refused, NothingToSnooze, NoSuchTime.
    """
    if not by.has(Permission.TICKET_UPDATE):
        raise errors.Refused
    words = redact(" ".join(storable(reason).split())[:LONGEST_REASON]).text[:LONGEST_REASON]
    with transaction.atomic():
        locked = timeline.lock(ticket)
        if locked.status in DONE:
            raise NothingToSnooze
        _sleeping(locked).update(ended_at=DatabaseNow(), woken_by=WokenBy.HAND)
        owner = locked.assignee or by
        try:
            with transaction.atomic():
                row: Snooze = Snooze.objects.create(ticket=locked, owner=owner, by=by, until=until, reason=words)
        except IntegrityError as error:
            raise NoSuchTime from error
        timeline.change(locked, {"is_snoozed": True})
        event = timeline.event_row("snoozed", {"until": until.isoformat(), "to": owner.public_id}, by=by)
        event.text = words
        timeline.append(locked, event, is_public=False)
        detail: dict[str, audit.Detail] = {"snooze": row.public_id, "owner": owner.public_id}
        audit.record(
            "ticket.snoozed", actor=by.actor, obj=("ticket", locked.public_id), fields=["is_snoozed"], detail=detail
        )
    return row


def wake(*, ticket: Ticket, by: Staff) -> None:
    """Bring a case back by hand; one that is awake stays as it is. Raises Refused."""
    if not by.has(Permission.TICKET_UPDATE):
        raise errors.Refused
    with transaction.atomic():
        wake_locked(ticket=timeline.lock(ticket), why=WokenBy.HAND, by=by)


def wake_locked(*, ticket: Ticket, why: str, by: Staff | None = None) -> bool:
    """Bring a locked case back, with event and audit; False for one that is awake."""
    if not ticket.is_snoozed:
        return False
    _sleeping(ticket).update(ended_at=DatabaseNow(), woken_by=why)
    timeline.change(ticket, {"is_snoozed": False})
    timeline.append_event(ticket, "woken", {"why": why}, by=by)
    audit.record(
        "ticket.woken",
        actor=timeline.actor_of(by),
        obj=("ticket", ticket.public_id),
        fields=["is_snoozed"],
        detail={"why": why},
    )
    return True


def sweep() -> int:
    """Bring back what has slept long enough; returns how many. Any number of sweepers may run."""
    woken, last = 0, 0
    for _round in range(ROUNDS):
        due = Snooze.objects.filter(ended_at__isnull=True, until__lte=DatabaseNow(), pk__gt=last)
        found = list(due.order_by("pk").values_list("pk", "ticket_id")[:BATCH])
        for pk, ticket in found:
            # One that cannot be woken keeps no other from its turn.
            last = pk
            woken += _attempt(ticket)
        if len(found) < BATCH:
            break
    heartbeat.beat("sweeper", detail=f"snoozes: {woken} woken")
    return woken


def _attempt(pk: int) -> bool:
    try:
        with transaction.atomic():
            rows = Ticket.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            ticket = rows.filter(pk=pk, is_snoozed=True).first()
            # Behind the lock: it may have been put to sleep anew.
            if ticket is None or not _sleeping(ticket).filter(until__lte=DatabaseNow()).exists():
                return False
            return wake_locked(ticket=ticket, why=WokenBy.TIME)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("snooze not ended", ticket=pk)
        return False


def _sleeping(ticket: Ticket) -> QuerySet[Snooze]:
    return Snooze.objects.filter(ticket=ticket, ended_at__isnull=True)
