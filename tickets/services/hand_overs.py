"""Handing a ticket over: a note for whoever has it next, until somebody takes over."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from tickets.models import HandOver, Ticket
from tickets.models.channel import Channel
from tickets.models.snooze import WokenBy
from tickets.models.ticket import Status
from tickets.services import errors, properties, replies, snoozes, timeline

NOTE_LENGTH = 2000


class NothingToHandOver(errors.Refused):
    """A hand-over says something, and not too much."""

    code = "nothing_to_hand_over"
    message = _("A hand-over note has between 1 and 2,000 characters.")


class HandOverIsOver(errors.Refused):
    """Somebody else was first, or a newer note stands."""

    code = "hand_over_is_over"
    message = _("A colleague has taken this over, or a newer note stands.")


def write(*, ticket: Ticket, text: str, by: Staff, to: Staff | None = None) -> HandOver:
    """Write the hand-over note of a ticket, an internal note with secrets masked; it takes the place of an earlier one.

    Raises Refused for whoever does not answer, or a receiver who may not see it; CaseClosed; NothingToHandOver.
    """
    if not by.has(Permission.TICKET_REPLY):
        raise errors.Refused
    if not 0 < len(text.strip()) <= NOTE_LENGTH:
        raise NothingToHandOver
    with transaction.atomic():
        locked = timeline.lock(ticket)
        if locked.status == Status.CLOSED:
            raise errors.CaseClosed
        if to is not None and not _may_have(to, locked):
            raise errors.Refused
        HandOver.objects.filter(ticket=locked, ended_at__isnull=True).update(ended_at=DatabaseNow())
        event = timeline.event_row("hand_over_written", {"to": to.public_id if to else None}, by=by)
        snoozes.wake_locked(ticket=locked, why=WokenBy.COLLEAGUE, by=by)
        note = replies.add_note_locked(ticket=locked, author=by, text=text, event=event)
        row = HandOver.objects.create(ticket=locked, note=note, author=by, to=to)
        detail: dict[str, audit.Detail] = {"hand_over": row.public_id, "to": to.public_id if to else None}
        audit.record("ticket.handed_over", actor=by.actor, obj=("ticket", locked.public_id), detail=detail)
        timeline.change(locked, {})
    return row


def take(*, hand_over: str, ticket: Ticket, by: Staff) -> Ticket:
    """Take over what was handed over (a public id); the ticket is theirs if it was nobody's or its author's.

    A chat is given to nobody by this: it rings, or is handed over in its panel. Raises Refused, HandOverIsOver.
    """
    if not by.has(Permission.TICKET_REPLY):
        raise errors.Refused
    with transaction.atomic():
        locked = timeline.lock(ticket)
        standing = HandOver.objects.filter(ticket=locked, public_id=hand_over, ended_at__isnull=True)
        row = standing.select_related("author").first()
        if row is None or not standing.update(ended_at=DatabaseNow(), taken_by=by):
            raise HandOverIsOver
        timeline.append_event(locked, "hand_over_taken", {"to": row.author.public_id}, by=by)
        detail: dict[str, audit.Detail] = {"hand_over": row.public_id}
        audit.record("ticket.taken_over", actor=by.actor, obj=("ticket", locked.public_id), detail=detail)
        timeline.change(locked, {})
        is_free = locked.assignee_id in {None, row.author_id}
        if is_free and locked.channel != Channel.CHAT and locked.status != Status.CLOSED:
            return properties.assign(ticket=locked, to=by, by=by)
    return locked


def _may_have(person: Staff, ticket: Ticket) -> bool:
    is_theirs = Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()
    return person.is_active and person.has(Permission.TICKET_REPLY) and is_theirs
