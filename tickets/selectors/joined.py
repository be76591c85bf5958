"""Cases that became one, or two: what the timeline names and unfolds of the other, and where a merged one goes on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from accounts.models import Staff
from tickets.models import Ticket, TicketMerge


@dataclass(frozen=True, slots=True)
class OtherShown:
    """Another case that an event is about; `is_unfolded` when its messages can be read in place."""

    public_id: str
    number: int
    subject: str
    status: str
    count: int
    is_unfolded: bool = False
    seqs: str = ""


@dataclass(frozen=True, slots=True)
class MergedShown:
    """Where a merged case goes on; `into` is nothing for who may not see that."""

    into: OtherShown | None
    may_undo: bool


def others(asked: Collection[str], *, ticket: Ticket, person: Staff) -> Mapping[str, OtherShown]:
    """Return the cases with these public ids that `person` may see, in two statements.

    What is merged into `ticket` now is unfolded in it.
    """
    rows = list(Ticket.objects.visible_to(person).filter(public_id__in=asked))
    live = TicketMerge.objects.filter(target=ticket, source__in=rows, undone_at__isnull=True)
    merged = set(live.values_list("source_id", flat=True))
    return {row.public_id: _shown(row, is_unfolded=row.pk in merged) for row in rows}


def merged(ticket: Ticket, person: Staff, *, may_undo: bool) -> MergedShown | None:
    """Return where `ticket` goes on, or None for one that is not merged: then without a statement."""
    if ticket.merged_into_id is None:
        return None
    into = Ticket.objects.visible_to(person).filter(pk=ticket.merged_into_id).first()
    return MergedShown(_shown(into) if into else None, may_undo=may_undo and into is not None)


def _shown(row: Ticket, *, is_unfolded: bool = False) -> OtherShown:
    return OtherShown(row.public_id, row.number, row.subject, row.status, row.last_seq, is_unfolded)
