"""Changing many tickets: the wish is a row with its tickets, and is worked off in slices of one transaction each.

A slice locks the row of the wish, does the next tickets and writes what became of each, with the place where the next
slice begins: whoever dies leaves nothing half done and nothing done twice. The lock is the lease, and ends with its
holder; the sweeper rings for what nobody has touched lately.
"""

import zoneinfo
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit, writes
from core.clock import DatabaseNow, from_now
from core.doorbell import ring
from tickets import actions as vocabulary
from tickets import effects
from tickets.actions import Action, Kind
from tickets.models import BulkChange, BulkItem, CannedReply, Ticket
from tickets.models.bulk import MOST
from tickets.services import actions, bulk_undo, errors, staff_notices, timeline
from tickets.services.bulk_undo import Before

TASK: Final = "tickets.work_bulk_change"
SLICE: Final = 250
# So many slices before others get the worker.
SLICES_AT_ONCE: Final = 20
LATE_S: Final = 4
# Each of these reads and writes for itself: one ticket at a time.
SINGLE: Final = frozenset({Kind.REPLY, Kind.SNOOZE, Kind.FOLLOW})
SINGLE_SLICE: Final = 25
OUT_OF_SIGHT = "out_of_sight"
UNEXPECTED = "unexpected"
Outcome = BulkItem.Outcome

log = structlog.get_logger(__name__)


class NoTickets(errors.Refused):
    """Nothing fits, or nothing was chosen."""

    code = "no_tickets"
    message = _("No ticket is chosen.")


class TooMany(errors.Refused):
    """More than one change takes."""

    code = "too_many_tickets"
    message = _("That is more than 20,000 tickets. Narrow the list first.")


class OneAtATime(errors.Refused):
    """Another of theirs is not over."""

    code = "one_at_a_time"
    message = _("Another bulk change of yours is still running. Wait for it, or stop it.")


class NothingToUndo(errors.Refused):
    """It is not over, changed nothing, or was undone before."""

    code = "nothing_to_undo"
    message = _("There is nothing to undo here.")


class OutOfSight(errors.Refused):
    """The person may not see the ticket any more."""

    code = OUT_OF_SIGHT
    message = _("You do not see this ticket any more.")


class Unexpected(errors.Refused):
    """An error of ours."""

    code = UNEXPECTED
    message = _("It could not be changed because of an error of ours, which is in the log.")


@dataclass(slots=True)
class _Slice:
    """What became of the tickets of one slice."""

    change: BulkChange
    items: list[BulkItem] = field(default_factory=list)

    def note(self, pk: int, outcome: str, reason: str = "", before: Before | None = None, version: int = 0) -> None:
        self.items.append(
            BulkItem(
                change=self.change, ticket_id=pk, outcome=outcome, reason=reason, before=before or {}, version=version
            )
        )

    def count(self, outcome: str) -> int:
        return sum(one.outcome == outcome for one in self.items)


def begin(
    *, by: Staff, tickets: Iterable[int], wanted: Sequence[Action], macro: CannedReply | None = None, source: str = ""
) -> BulkChange:
    """Write down that `by` wishes these tickets (by key) changed; a worker does it.

    Raises NoTickets, TooMany, OneAtATime, NothingToDo, and as `actions.plan`.
    """
    if not by.has(Permission.TICKET_UPDATE):
        raise actions.NotAllowed
    wish = actions.plan(wanted, by=by)
    if not wish.actions:
        raise actions.NothingToDo
    row = BulkChange(
        by=by, macro=macro, source=source[:300], actions=vocabulary.written(wish.actions), tickets=sorted(set(tickets))
    )
    return _begun(row)


def undo(*, change: BulkChange, by: Staff) -> BulkChange:
    """Wish that the tickets of a change become what they were, where nobody has changed them since.

    Raises Refused for another person's, NothingToUndo, OneAtATime.
    """
    if change.by_id != by.pk or not by.has(Permission.TICKET_UPDATE):
        raise errors.Refused
    done = change.items.filter(outcome=Outcome.DONE).exclude(before={})
    tickets = list(done.order_by("ticket").values_list("ticket_id", flat=True))
    is_known = BulkChange.objects.filter(undoes=change).exists()
    if not change.is_over or change.undoes_id is not None or is_known or not tickets:
        raise NothingToUndo
    return _begun(BulkChange(by=by, source=change.source, tickets=tickets, undoes=change))


def stop(*, change: BulkChange, by: Staff) -> None:
    """Leave the rest of a change undone; what is done stays. Raises Refused for another person's."""
    if change.by_id != by.pk:
        raise errors.Refused
    with transaction.atomic():
        now = DatabaseNow()
        running = BulkChange.objects.filter(pk=change.pk, finished_at__isnull=True)
        if running.update(stopped_at=now, finished_at=now):
            audit.record("bulkchange.stopped", actor=by.actor, obj=("bulkchange", change.public_id))


def work(pk: int) -> bool:
    """Do the next slices of a change; True while there is more to do. False also while another worker is at it."""
    return all(work_slice(pk) for _round in range(SLICES_AT_ONCE))


def sweep() -> int:
    """Ring for changes that nobody has touched lately; returns how many."""
    late = BulkChange.objects.filter(finished_at__isnull=True, touched_at__lt=from_now(-timedelta(seconds=LATE_S)))
    found = list(late.order_by("pk").values_list("pk", flat=True)[:100])
    for pk in found:
        ring(TASK, pk)
    return len(found)


def _begun(row: BulkChange) -> BulkChange:
    if not row.tickets:
        raise NoTickets
    if len(row.tickets) > MOST:
        raise TooMany
    detail: dict[str, audit.Detail] = {
        "count": len(row.tickets),
        "macro": row.macro.public_id if row.macro else None,
        "undoes": row.undoes.public_id if row.undoes else None,
        "actions": ",".join(action["kind"] for action in row.actions.get("actions", ())),
    }
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record("bulkchange.begun", actor=row.by.actor, obj=("bulkchange", row.public_id), detail=detail)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        raise (NothingToUndo if "undoes" in name else OneAtATime) from error
    ring(TASK, row.pk)
    return row


def work_slice(pk: int) -> bool:
    """Do the next slice; True while there is more to do."""
    with transaction.atomic():
        rows = BulkChange.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        change = rows.filter(pk=pk, finished_at__isnull=True).first()
        if change is None:
            return False
        kinds = {entry["kind"] for entry in change.actions.get("actions", ())}
        size = SINGLE_SLICE if kinds & SINGLE else SLICE
        part = _Slice(change)
        with structlog.contextvars.bound_contextvars(via=f"bulk {change.public_id}"), staff_notices.untold():
            _do(part, change.tickets[change.place : change.place + size], is_single=bool(kinds & SINGLE))
        return _written(part)


def _written(part: _Slice) -> bool:
    """Write what became of a slice; True while there is more to do."""
    change = part.change
    BulkItem.objects.bulk_create(part.items)
    counts = {str(outcome): part.count(outcome) for outcome in Outcome}
    is_last = change.place + len(part.items) >= change.total
    raised: dict[str, Any] = {name: F(name) + count for name, count in counts.items()}
    raised |= {"place": F("place") + len(part.items), "touched_at": DatabaseNow()}
    if is_last:
        raised["finished_at"] = DatabaseNow()
    BulkChange.objects.filter(pk=change.pk).update(**raised)
    audit.record(
        "bulkchange.finished" if is_last else "bulkchange.worked",
        actor=change.by.actor,
        obj=("bulkchange", change.public_id),
        detail={"place": change.place + len(part.items), **counts},
    )
    return not is_last


def _do(part: _Slice, keys: Sequence[int], *, is_single: bool) -> None:
    change = part.change
    by = change.by
    try:
        wish = actions.plan(actions.read(change.actions), by=by)
        if not by.has(Permission.TICKET_UPDATE):
            raise actions.NotAllowed
    except errors.Refused as refused:
        # What was named is gone, or the person's rights are.
        for pk in keys:
            part.note(pk, Outcome.SKIPPED, refused.code)
        return
    # Tickets alike share these rows in memory.
    visible = Ticket.objects.visible_to(by).filter(pk__in=keys).prefetch_related("team", "assignee", "topic", "mailbox")
    locked = list(visible.select_for_update(of=("self",), no_key=True).order_by("pk"))
    seen = {ticket.pk for ticket in locked}
    for pk in keys:
        if pk not in seen:
            part.note(pk, Outcome.SKIPPED, OUT_OF_SIGHT)
    before = bulk_undo.known(change, locked)
    with timezone.override(zoneinfo.ZoneInfo(by.time_zone)):
        if is_single or not _all_at_once(part, locked, wish, before):
            for ticket in locked:
                _one(part, ticket, wish, before)


def _all_at_once(part: _Slice, tickets: list[Ticket], wish: actions.Plan, before: dict[int, BulkItem]) -> bool:
    """Do a slice with one statement for each kind of row; False, with nothing done, where a ticket refuses.

    What is known beforehand to refuse is left out, and is no reason.
    """
    mine = _Slice(part.change)
    try:
        with transaction.atomic(), ExitStack() as stack:
            for context in (effects.gathered(), timeline.holding(tickets), audit.together(), writes.together()):
                stack.enter_context(context)
            stack.enter_context(writes.updates_together())
            for ticket in tickets:
                why = _refusal(ticket, wish, before)
                if why is not None:
                    mine.note(ticket.pk, Outcome.SKIPPED, why.code)
                    continue
                _change(mine, ticket, wish, before)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if not isinstance(error, errors.Refused | IntegrityError):
            log.exception("slice not changed at once", change=part.change.public_id)
        for ticket in tickets:
            ticket.refresh_from_db()
        return False
    part.items += mine.items
    return True


def _one(part: _Slice, ticket: Ticket, wish: actions.Plan, before: dict[int, BulkItem]) -> None:
    try:
        with transaction.atomic(), timeline.holding([ticket]):
            why = _refusal(ticket, wish, before)
            if why is not None:
                raise why
            mine = _Slice(part.change)
            _change(mine, ticket, wish, before)
    except errors.Refused as refused:
        part.note(ticket.pk, Outcome.SKIPPED, refused.code)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("ticket not changed", ticket=ticket.public_id, change=part.change.public_id)
        part.note(ticket.pk, Outcome.FAILED, UNEXPECTED)
    else:
        part.items += mine.items


def _refusal(ticket: Ticket, wish: actions.Plan, before: dict[int, BulkItem]) -> errors.Refused | None:
    if wish.actions:
        return actions.refusal(ticket, wish)
    return bulk_undo.refusal(ticket, before.get(ticket.pk), by=wish.by)


def _change(part: _Slice, ticket: Ticket, wish: actions.Plan, before: dict[int, BulkItem]) -> None:
    was = bulk_undo.snapshot(ticket)
    if wish.actions:
        actions.apply_held(ticket=ticket, wish=wish)
    else:
        bulk_undo.restore(ticket=ticket, to=before[ticket.pk].before, by=wish.by)
    part.note(ticket.pk, Outcome.DONE, before=bulk_undo.differing(was, ticket), version=ticket.version)
