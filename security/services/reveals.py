"""Reveals: one field of one customer in full, decided and counted by the database before anybody sees it."""

from dataclasses import dataclass
from typing import Final

from accounts.models import Staff
from core import audit, request_id
from core.ids import new_public_id
from core.own_connection import own_cursor
from security.models import Reveal, RevealRefusal

SHOWN_S: Final = 60
MOST_WORDS: Final = 300
_ASK: Final = "SELECT core.reveal(%s, %s, %s, %s, %s, %s, %s, %s)"
_TELL: Final = "SELECT core.revealed_value(%s, %s)"


class RevealRefusedError(Exception):
    """The database refused; `why` is one of RevealRefusal.Why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = RevealRefusal.Why(why)


@dataclass(frozen=True, slots=True)
class Revealed:
    """What was revealed, and the row that says so."""

    row: Reveal
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks to see: `address_pk` of the customer's, or None for their account at the exchange."""

    ticket_id: str
    address_pk: int | None
    reason: str
    words: str


def reveal(*, by: Staff, session_pk: int, asked: Asked) -> Revealed:
    """Return one field in full; it is counted, recorded and committed before its value is read.

    The ticket must be open, assigned to `by`, and the field its customer's; five within an hour and 25 within a day
    are the most. Raises RevealRefusedError, which is recorded as well. On a connection of its own: what the caller's
    transaction comes to changes nothing.
    """
    public_id = new_public_id()
    words = asked.words.strip()[:MOST_WORDS]
    given: list[str | int | None] = [
        public_id,
        by.pk,
        session_pk,
        asked.ticket_id,
        asked.address_pk,
        asked.reason,
        words,
        request_id.current(),
    ]
    with own_cursor() as cursor:
        cursor.execute(_ASK, given)
        why = cursor.fetchone()[0]
        if why:
            raise RevealRefusedError(why)
        cursor.execute(_TELL, [public_id, by.pk])
        value = cursor.fetchone()[0]
    return Revealed(Reveal.objects.get(public_id=public_id), value or "")


def copied(*, by: Staff, public_id: str) -> bool:
    """Record that what was revealed to `by` went to their clipboard; False where nothing was."""
    row = Reveal.objects.filter(public_id=public_id, staff=by).select_related("customer").first()
    if row is None:
        return False
    audit.record(
        "customer.reveal_copied",
        actor=by.actor,
        obj=("customer", row.customer.public_id),
        fields=[row.field],
        detail={"reveal": row.public_id},
    )
    return True
