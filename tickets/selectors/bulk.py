"""Bulk changes as their person sees them: how far one is, what it does, what it left alone and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from accounts.models import Staff
from tickets.models import BulkChange, BulkItem, Ticket
from tickets.selectors import action_words

MOST_LISTED = 10
MOST_LEFT = 200


@dataclass(frozen=True, slots=True)
class Left:
    """One ticket that was left alone; without a number for one that is out of sight."""

    public_id: str
    number: int | None
    subject: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why tickets were left alone (the code of a refusal), how many, and the first of them."""

    code: str
    count: int
    tickets: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """One bulk change."""

    public_id: str
    source: str
    sentences: tuple[str, ...]
    is_undo: bool
    total: int
    place: int
    done: int
    skipped: int
    failed: int
    created_at: datetime
    finished_at: datetime | None
    is_stopped: bool
    can_undo: bool
    undone_by: str

    @property
    def left(self) -> int:
        """How many were not changed, of those that were looked at."""
        return self.skipped + self.failed


def find(person: Staff, public_id: str) -> BulkChange | None:
    """Return one of `person`'s own."""
    return BulkChange.objects.filter(by=person, public_id=public_id).select_related("undoes", "by").first()


def shown(change: BulkChange) -> ChangeShown:
    """Return how far it is."""
    undone_by = BulkChange.objects.filter(undoes=change).values_list("public_id", flat=True).first() or ""
    changed = change.items.filter(outcome=BulkItem.Outcome.DONE).exclude(before={})
    return ChangeShown(
        public_id=change.public_id,
        source=change.source,
        sentences=tuple(action_words.described(change.actions, change.by)),
        is_undo=change.undoes_id is not None,
        total=change.total,
        place=change.place,
        done=change.done,
        skipped=change.skipped,
        failed=change.failed,
        created_at=change.created_at,
        finished_at=change.finished_at,
        is_stopped=change.stopped_at is not None,
        can_undo=change.is_over and change.undoes_id is None and not undone_by and changed.exists(),
        undone_by=undone_by,
    )


def listed(person: Staff) -> list[ChangeShown]:
    """Return the newest of `person`'s own."""
    return [shown(change) for change in BulkChange.objects.filter(by=person).order_by("-pk")[:MOST_LISTED]]


def reasons(change: BulkChange, person: Staff) -> list[Reason]:
    """Return why tickets were left alone, the commonest first, each with the first of them that `person` sees."""
    left = change.items.exclude(outcome=BulkItem.Outcome.DONE)
    counted = left.values("reason").annotate(count=Count("pk")).order_by("-count", "reason")
    return [Reason(row["reason"], row["count"], _first(left.filter(reason=row["reason"]), person)) for row in counted]


def _first(items: QuerySet[BulkItem], person: Staff) -> tuple[Left, ...]:
    keys = list(items.order_by("ticket").values_list("ticket_id", flat=True)[:MOST_LEFT])
    found = Ticket.objects.visible_to(person).filter(pk__in=keys).order_by("number")
    return tuple(Left(*row) for row in found.values_list("public_id", "number", "subject"))
