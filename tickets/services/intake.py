"""From a raw mail row to its end, exactly once: claimed, read outside, handled in one atomic block, tried again."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import F
from django.db.utils import InterfaceError, OperationalError

from accounts.models import CustomerAddress
from accounts.services import customers
from core import audit, disks, doorbell, files, sealing, writes
from core.disks import StorageFull
from tickets.channels.email import content, reading
from tickets.channels.email.parse import ParsedMail, Unparsable
from tickets.models import InboundMail, Mailbox
from tickets.selectors import contacts, mailboxes, overdue
from tickets.services import arrivals, handling, quarantine, raw_mail
from tickets.services.arrivals import Arrival, Company

log = structlog.get_logger(__name__)

LEASE_S = 50
MAX_TRIES = 3
# A mail that has killed its worker this often is put aside without another look.
MAX_CLAIMS = 6
RETRY_S = 5
PASSING_RETRY_S = 10
# SQLSTATEs of what passes by itself: connections, deadlocks, restarts, locks, a full disk, too many clients. Whatever
# else the database complains of, such as a statement out of time or memory, is this mail's own and comes again.
PASSING = ("08", "40", "57P0", "55P03", "53100", "53300")
# Handled together: so many at most, each at most this large, so that nothing waits for a giant.
TOGETHER = 20
SMALL_BYTES = 128 * 1024
# One large mail at a time, in whichever process: the other workers are there for everybody else's mail.
LARGE_TURN = "SELECT pg_try_advisory_lock(hashtextextended('large mail', 0))"
LARGE_TURN_ENDS = "SELECT pg_advisory_unlock(hashtextextended('large mail', 0))"
# The raw row is locked, its mailbox is not: whoever edits a mailbox need not wait for mail.
_OPEN_COLUMNS = [field.column for field in Mailbox._meta.concrete_fields if field.name not in mailboxes.SECRETS]
LOCKED = f"""
SELECT {", ".join(f"mailbox.{column}" for column in _OPEN_COLUMNS)},
       inbound.id AS inbound_id, (SELECT array_agg(address) FROM tickets_mailbox) AS own_addresses
  FROM tickets_inboundmail AS inbound JOIN tickets_mailbox AS mailbox ON mailbox.id = inbound.mailbox_id
 WHERE inbound.id = ANY(%s) AND inbound.lease_token = %s AND inbound.state = 'stored'
 ORDER BY inbound.id FOR NO KEY UPDATE OF inbound
"""  # noqa: S608 -- column names of the model, no outside input


def accept(*, inbound_pk: int) -> None:
    """Handle one stored mail; safe to call any number of times, from any process.

    It ends processed, ignored or quarantined; after a passing failure (database, disk) it waits
    for its next try. Raises ImproperlyConfigured in a process without the private key.
    """
    _pay_back()
    row = InboundMail.claim_row(inbound_pk, lease_s=LEASE_S)
    if row is None:
        return
    if row.size <= InboundMail.LARGE_BYTES:
        _accept(row)
        return
    with _large_turn() as is_ours:
        if is_ours:
            _accept(row)
        else:
            _wait_for_turn(row)
    if is_ours:
        _ring_for_next_large()


@contextmanager
def _large_turn() -> Iterator[bool]:
    """Yield whether no other process handles a large mail now. The lock goes with its connection, should that break."""
    with connection.cursor() as cursor:
        cursor.execute(LARGE_TURN)
        is_ours = bool(cursor.fetchone()[0])
    held = connection.connection
    try:
        yield is_ours
    finally:
        if is_ours and connection.connection is held and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute(LARGE_TURN_ENDS)


def _wait_for_turn(row: InboundMail) -> None:
    """Give a large mail back as if it had not been touched."""
    InboundMail.objects.filter(pk=row.pk, lease_token=row.lease_token).update(
        attempts=F("attempts") - 1, lease_token=None, lease_until=None
    )


def _ring_for_next_large() -> None:
    """Wake somebody for the large mail that has waited longest; were the bell lost, the sweeper would."""
    for pk in overdue.inbound(late_s=0, limit=1, over_bytes=InboundMail.LARGE_BYTES):
        doorbell.ring_now(raw_mail.INGEST, pk)


def accept_waiting(*, limit: int = TOGETHER) -> int:
    """Handle small mails that wait and that nobody has tried yet, up to `limit` in one transaction.

    Most of what a mail costs is its round trips and its commit: a worker with a queue before it takes
    several at once. What goes wrong in company is undone and handled alone: also two workers that wait for each
    other, which the order of locks makes rare. Returns how many were taken; raises ImproperlyConfigured in a process
    without the private key.
    """
    _pay_back()
    rows = InboundMail.claim_fresh(limit=limit, lease_s=LEASE_S, narrowed_by=f"size <= {SMALL_BYTES}")
    alone = _accept_together(rows) if len(rows) > 1 else rows
    for place, row in enumerate(alone, start=1):
        try:
            _accept(row)
        except (OperationalError, InterfaceError):
            _owed.extend((other.pk, other.lease_token) for other in alone[place:] if other.lease_token)
            raise
    return len(rows)


def _accept_together(rows: list[InboundMail]) -> list[InboundMail]:
    """Handle all in one transaction; return those that have to be handled alone: when it fails, all that are left.

    The same mail to two mailboxes is not handled in one transaction: the second is told where the first has gone.
    """
    first_of = {row.identity: row for row in reversed(rows)}
    alone = [row for row in rows if first_of[row.identity] is not row]
    left = list(first_of.values())
    try:
        read: list[tuple[InboundMail, ParsedMail]] = []
        for row in sorted(left, key=lambda one: one.pk):
            mail = _read(row)
            if mail is None:
                left.remove(row)
            else:
                read.append((row, mail))
        _handle(read)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it comes again and is dealt with when one is alone
        log.warning("mails_one_by_one", count=len(left), reason=type(error).__name__)
        if isinstance(error, (OperationalError, InterfaceError)) and not connection.in_atomic_block:
            connection.close()
        alone += left
    return alone


def _accept(row: InboundMail) -> None:
    """Handle one claimed mail."""
    token = row.lease_token
    if token is None:
        return
    try:
        mail = _read(row)
        if mail is not None:
            _handle([(row, mail)])
    except ImproperlyConfigured:
        InboundMail.settle(row.pk, token, state=InboundMail.State.STORED, error="no private key", retry_in_s=60)
        raise
    except (OperationalError, InterfaceError, StorageFull) as error:
        _wait_out(row, token, error)
    except reading.ReaderDied as error:
        log.warning("reader_died", inbound=row.public_id, how=str(error))
        _try_later(row, token, error, tries=MAX_TRIES)
    except Exception as error:
        if isinstance(error, OSError) and disks.is_no_room(error):
            _wait_out(row, token, error)
            return
        log.exception("intake_failed", inbound=row.public_id)
        _try_later(row, token, error, tries=MAX_TRIES)


def _read(row: InboundMail) -> ParsedMail | None:
    """Return the parsed mail, or None after putting it aside. Large and once failed mail is read in a child."""
    if row.attempts > MAX_CLAIMS:
        _put_aside(row, "worker_died", "Handling this mail has ended its process several times.", "")
        return None
    is_large = row.size > InboundMail.LARGE_BYTES
    raw = b"" if is_large else sealing.unseal(bytes(row.raw))
    try:
        if is_large:
            return reading.read_in_child(raw_mail.pieces(row))
        return reading.read(raw, is_suspect=row.attempts > 1)
    except Unparsable as refused:
        _put_aside(row, refused.reason, refused.sentence, _preview(row, raw))
    except reading.ReaderDied as died:
        if row.attempts < MAX_TRIES:
            raise
        explanation = f"Reading this mail crashed or hung {row.attempts} times ({died})."
        _put_aside(row, "reader_died", explanation, _preview(row, raw))
    return None


def _preview(row: InboundMail, raw: bytes) -> str:
    return content.raw_header_preview(raw or next(raw_mail.pieces(row), b""))


def _put_aside(row: InboundMail, reason: str, explanation: str, preview: str) -> None:
    with transaction.atomic():
        quarantine.put(inbound=row, reason=reason, explanation=explanation, preview=preview)


def _wait_out(row: InboundMail, token: uuid.UUID, error: Exception) -> None:
    """Give the row back until the database is there again, or a disk has room."""
    if isinstance(error, StorageFull) or disks.is_no_room(error):
        disks.report_full(disks.place_of(error))
    if not connection.in_atomic_block:
        connection.close()
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    is_passing = sqlstate is None or sqlstate.startswith(PASSING)
    _try_later(row, token, error, tries=None if is_passing else MAX_TRIES)


# Claims that are to be given back and taken from the count, but the database was away: paid when it is there again.
_owed: list[tuple[int, uuid.UUID]] = []


def _pay_back() -> None:
    while _owed:
        pk, token = _owed.pop()
        try:
            _give_back(pk, token, "OperationalError")
        except (OperationalError, InterfaceError):
            _owed.append((pk, token))
            raise


def _give_back(pk: int, token: uuid.UUID, error: str) -> None:
    """Give the row back as if it had not been claimed, also when another has claimed it since."""
    with transaction.atomic():
        counted = InboundMail.objects.filter(pk=pk, state=InboundMail.State.STORED, attempts__gt=0)
        counted.update(attempts=F("attempts") - 1)
        InboundMail.settle(pk, token, state=InboundMail.State.STORED, error=error, retry_in_s=PASSING_RETRY_S)


def _try_later(row: InboundMail, token: uuid.UUID, error: Exception, *, tries: int | None) -> None:
    """Give the row back; after `tries` failures of our own put it aside.

    `tries` None: the world failed (no database, a lock, a full disk). That is not counted, so that it never looks
    like mail that kills its worker, and the next try comes soon: it may be over.
    """
    name = type(error).__name__
    if tries is None:
        try:
            _give_back(row.pk, token, name)
        except (OperationalError, InterfaceError):
            _owed.append((row.pk, token))
            raise
        return
    if row.attempts >= tries:
        _put_aside(row, "failed", f"Handling this mail failed {row.attempts} times ({name}).", "")
        return
    wait_s = RETRY_S * 2 ** min(row.attempts, 6)
    InboundMail.settle(row.pk, token, state=InboundMail.State.STORED, error=name, retry_in_s=wait_s)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is known of a locked raw row: its mailbox, without secrets, and all addresses of ours."""

    mailbox: Mailbox
    own_addresses: frozenset[str]


def _locked(rows: list[InboundMail]) -> dict[int, _Held]:
    """Lock raw rows, the first of all locks; one whose lease went to somebody else is left out."""
    found = Mailbox.objects.raw(LOCKED, [[row.pk for row in rows], rows[0].lease_token]) if rows else ()
    return {
        getattr(mailbox, "inbound_id"): _Held(mailbox, frozenset(getattr(mailbox, "own_addresses")))  # noqa: B009 -- columns of the query, not of the model
        for mailbox in found
    }


def _handle(read: Sequence[tuple[InboundMail, ParsedMail]]) -> None:
    """Handle mails that have been read, all or none, in one transaction."""
    with files.all_or_none(), transaction.atomic(), audit.together():
        held = _locked([row for row, _mail in read])
        company = Company()
        arrived = []
        for row, mail in read:
            if row.pk in held:
                row.mailbox = held[row.pk].mailbox
                own_addresses = held[row.pk].own_addresses
                arrived.append(arrivals.of(row=row, mail=mail, own_addresses=own_addresses, company=company))
        _look_up(company, arrived)
        with files.meanwhile(), writes.together():
            ends = [end for end in map(handling.handle, arrived) if end is not None]
        raw_mail.end(ends)


def _look_up(company: Company, arrived: Sequence[Arrival]) -> None:
    """Find out about all senders at once, and make those known whom nobody knows yet.

    Also for a mail alone: customers are locked first, then the limits on automatic mail, then everything else.
    """
    company.blocked.update(contacts.blocked_among({one.mail.sender.key for one in arrived}))
    proven = {one.mail.sender.key: one for one in reversed(arrived) if one.proof.is_proven and handling.has_words(one)}
    if not proven:
        return
    found = customers.known(kind=CustomerAddress.Kind.EMAIL, values=proven)
    company.owners.update(found.owners)
    if company.owners:
        company.opened_lately.update(handling.opened_lately([owner.pk for owner in company.owners.values()]))
    newcomers = [
        customers.Newcomer(value, handling.name_of(one), one.proof.method or "")
        for value, one in proven.items()
        if value in found.free
    ]
    if newcomers:
        made = customers.create_proven(kind=CustomerAddress.Kind.EMAIL, newcomers=newcomers)
        company.owners.update(made)
        company.newcomers.update(made)
    # An answer opens no case, or only by chance: those ask when they do.
    opening = {
        one.mail.sender.key
        for one in proven.values()
        if handling.may_be_acknowledged(one) and not (one.mail.in_reply_to or one.mail.references)
    }
    if opening:
        company.room.ask(opening)
