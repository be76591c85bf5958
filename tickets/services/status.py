"""Moving a case from status to status; the database refuses illegal moves too."""

from typing import Any

from accounts.models import Staff
from core import audit
from core.clock import DatabaseNow
from tickets.models import Ticket
from tickets.models.snooze import WokenBy
from tickets.models.ticket import DONE, LEGAL_MOVES, Status
from tickets.services import checklists, custom_fields, errors, sla_clocks, snoozes, surveys, timeline


def move(*, ticket: Ticket, to: str, by: Staff, version: int | None = None) -> Ticket:
    """Move to `to`; `version` is the one the person saw.

    Raises StaleChange, IllegalMove, TopicNeeded, FieldsNeeded, ItemsOpen.
    """
    with timeline.locked(ticket) as locked:
        if locked.status == to:
            return locked
        if version is not None and version != locked.version:
            raise errors.StaleChange
        move_locked(ticket=locked, to=to, by=by)
    return locked


def move_locked(*, ticket: Ticket, to: str, by: Staff | None) -> None:
    """Move an already locked ticket, with event and audit. What is done has a topic; spam may be closed without."""
    before = ticket.status
    if to not in LEGAL_MOVES[before]:
        raise errors.IllegalMove
    if to in DONE and ticket.topic_id is None and not (to == Status.CLOSED and ticket.is_spam):
        raise errors.TopicNeeded
    if to in DONE and before not in DONE:
        custom_fields.check_resolvable(ticket)
        checklists.check_resolvable(ticket)
    fields: dict[str, Any] = {"status": to}
    if to in DONE:
        fields["resolved_at"] = DatabaseNow()
    elif ticket.resolved_at is not None:
        fields["resolved_at"] = None
    timeline.change(ticket, fields)
    event = timeline.append_event(ticket, "status_changed", {"from": before, "to": to}, by=by)
    audit.record(
        "ticket.status_changed",
        actor=timeline.actor_of(by),
        obj=("ticket", ticket.public_id),
        fields=["status"],
        detail={"from": before, "to": to},
    )
    sla_clocks.move(ticket=ticket, before=before)
    if to in DONE:
        snoozes.wake_locked(ticket=ticket, why=WokenBy.DONE, by=by)
    if to in DONE and before not in DONE:
        surveys.ask(ticket=ticket, resolution=event)
