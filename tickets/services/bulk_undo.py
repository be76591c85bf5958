"""What a ticket was before a bulk change, and making it that again where nobody has changed it since."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core import writes
from tickets.models import BulkChange, BulkItem, Ticket, Topic
from tickets.models.snooze import WokenBy
from tickets.models.ticket import LEGAL_MOVES, Status
from tickets.services import actions, errors, properties, snoozes, status, tagging, timeline

Before = dict[str, Any]
SAID: Final = "said"
COLUMNS: Final = ("team_id", "assignee_id", "topic_id", "priority", "is_spam", "status", "is_snoozed")


class ChangedSince(errors.Refused):
    """Somebody, or something, changed the ticket after the bulk change."""

    code = "changed_since"
    message = _("It was changed since, so it was left as it is.")


class NoWayBack(errors.Refused):
    """The status cannot become what it was."""

    code = "no_way_back"
    message = _("Its former status cannot follow the present one.")


def snapshot(ticket: Ticket) -> Before:
    """Return what a ticket is now, of what actions change."""
    return {**{name: getattr(ticket, name) for name in COLUMNS}, "tags": sorted(tagging.names(ticket))}


def differing(was: Mapping[str, Any], ticket: Ticket) -> Before:
    """Return what a ticket was, of what is not so any more; with a status, how much had been said when it changed."""
    now = snapshot(ticket)
    found = {name: value for name, value in was.items() if now[name] != value}
    return found | ({SAID: ticket.last_public_seq} if "status" in found else {})


def known(change: BulkChange, tickets: Sequence[Ticket]) -> dict[int, BulkItem]:
    """Return what the change that this one undoes has kept of these tickets; nothing for one that undoes none."""
    if change.undoes_id is None:
        return {}
    return {item.ticket_id: item for item in BulkItem.objects.filter(change=change.undoes_id, ticket__in=tickets)}


def refusal(ticket: Ticket, item: BulkItem | None, *, by: Staff) -> errors.Refused | None:
    """Return why a ticket does not become what it was; None if it can."""
    if item is None or item.version != ticket.version:
        return ChangedSince()
    if item.before.get(SAID, ticket.last_public_seq) != ticket.last_public_seq:
        # A word raises no version, and whoever has answered is not put away again.
        return ChangedSince()
    if ticket.status == Status.CLOSED:
        return errors.CaseClosed()
    if "status" in item.before and _way(ticket.status, item.before["status"]) is None:
        return NoWayBack()
    if item.before.get("is_spam") is False and not by.has(Permission.SPAM_RELEASE):
        return actions.NotAllowed()
    return None


def restore(*, ticket: Ticket, to: Before, by: Staff) -> None:
    """Make a held ticket what it was, each property by its service. A reply, a note and a follower stay.

    What was new becomes open, and what was woken stays awake. Raises as the services.
    """
    if "team_id" in to:
        properties.move_to_team(ticket=ticket, to=_row(Team, to["team_id"]), by=by)
    if "assignee_id" in to:
        properties.assign(ticket=ticket, to=_row(Staff, to["assignee_id"]), by=by)
    if "is_spam" in to:
        properties.set_spam(ticket=ticket, is_spam=to["is_spam"], by=by)
    if "priority" in to:
        properties.set_priority(ticket=ticket, to=to["priority"], by=by)
    if "tags" in to:
        properties.set_tags(ticket=ticket, names=to["tags"], by=by)
    topic = _row(Topic, to.get("topic_id"))
    if topic is not None:
        properties.set_topic(ticket=ticket, to=topic, by=by)
    for place, step in enumerate(_way(ticket.status, to.get("status", ticket.status)) or ()):
        if place:
            # The database looks at each move.
            writes.write_now()
        status.move(ticket=ticket, to=step, by=by)
    if "topic_id" in to and topic is None:
        # After the status: what is resolved has a topic.
        properties.set_topic(ticket=ticket, to=None, by=by)
    if to.get("is_snoozed") is False:
        snoozes.wake_locked(ticket=timeline.lock(ticket), why=WokenBy.HAND, by=by)


def _way(present: str, former: str) -> tuple[str, ...] | None:
    """Return the moves that lead back; None where none do."""
    former = Status.OPEN if former == Status.NEW else former
    if former == present:
        return ()
    if former in LEGAL_MOVES[present]:
        return (former,)
    is_round = Status.OPEN in LEGAL_MOVES[present] and former in LEGAL_MOVES[Status.OPEN]
    return (Status.OPEN, former) if is_round else None


def _row(model: Any, pk: int | None) -> Any:  # noqa: ANN401 -- one of three models
    """Return a row by its key; read once where many tickets are changed together."""
    if pk is None:
        return None

    def read() -> Any:  # noqa: ANN401 -- the same
        found = model.objects.filter(pk=pk).first()
        if found is None:
            raise actions.NoSuchAction
        return found

    return writes.once(f"{model.__name__} {pk}", read)
