"""From a stored social event to its end, exactly once and in the order of its conversation."""

import uuid
from dataclasses import dataclass, replace

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.utils import InterfaceError, OperationalError

from core import audit, disks, files, sealing
from core.clock import DatabaseNow
from core.compiled import Rows, Values, stand_in, stand_in_text
from core.disks import StorageFull
from security.redaction import masking_bytes
from tickets.channels.social.registry import channel
from tickets.channels.social.shapes import (
    AccountTrouble,
    Addressed,
    Incoming,
    NamesPeople,
    Nothing,
    Receipt,
    RemoteFile,
    ShowsMembers,
    Sighting,
    Unreadable,
    VendorAway,
    VendorRefused,
)
from tickets.models import SocialAccount, SocialChat, SocialEvent
from tickets.selectors import overdue
from tickets.services import social_accounts, social_handling, social_impostors, social_receipts, social_review
from tickets.services.senders import NewFile
from tickets.services.social_handling import Taken

log = structlog.get_logger(__name__)

# A file of 20 MB at a vendor's pace is within it.
LEASE_S = 110
MAX_TRIES = 3
# A vendor who is away is asked for a file this often; then the message is taken without it.
MAX_FETCHES = 5
# An event that has killed its worker this often is put aside without another look.
MAX_CLAIMS = 8
RETRY_S = 5
PASSING_RETRY_S = 10
# Of one conversation in one turn, and of conversations that wait.
TURN = 50
# Masking takes about two seconds per megabyte of text: text files beyond this are left out, since nothing is shown
# that has not been looked through.
MASKED_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Fetched:
    taken: tuple[NewFile, ...] = ()
    left_out: tuple[str, ...] = ()


def accept(*, event_pk: int) -> None:
    """Handle one event and what its conversation has before and behind it; safe to call any number of times.

    Raises ImproperlyConfigured in a process without the private key.
    """
    place = SocialEvent.objects.filter(pk=event_pk).values_list("account_id", "stream").first()
    if place is None:
        return
    for _turn in range(TURN):
        row = _next_of(*place, event_pk)
        if row is None or not _accept(row):
            return


def accept_waiting(*, limit: int = TURN) -> int:
    """Handle what waits, oldest first, at most `limit` conversations; return how many were looked at."""
    found = overdue.social_events(late_s=0, limit=limit)
    for pk in found:
        accept(event_pk=pk)
    return len(found)


def _next_of(account_id: int, stream: str, event_pk: int) -> SocialEvent | None:
    """Claim the oldest event of a conversation that still waits; None while somebody has it, or it rests.

    What belongs to no conversation is alone in its order.
    """
    if not stream:
        return SocialEvent.claim_row(event_pk, lease_s=LEASE_S)
    oldest = _OLDEST.run({stand_in(0): account_id, stand_in_text(0): stream})
    return SocialEvent.claim_row(oldest[0][0], lease_s=LEASE_S) if oldest else None


def _waiting_in_stream() -> QuerySet[SocialEvent, tuple[int]]:
    waiting = SocialEvent.objects.filter(account=stand_in(0), stream=stand_in_text(0), state=SocialEvent.State.STORED)
    return waiting.order_by("pk").values_list("pk")[:1]


# What every event asks for.
_OLDEST = Values(_waiting_in_stream)
_ACCOUNT = Rows(lambda: SocialAccount.objects.filter(pk=stand_in(0)))


def _accept(row: SocialEvent) -> bool:
    """Handle one claimed event; return whether it has ended, so that the next may come."""
    token = row.lease_token
    if token is None:
        return False
    try:
        return _handle(row)
    except ImproperlyConfigured:
        SocialEvent.settle(row.pk, token, state=SocialEvent.State.STORED, error="no private key", retry_in_s=60)
        raise
    except (VendorAway, social_receipts.NotSettled) as error:
        return _try_later(row, token, error, tries=None)
    except (OperationalError, InterfaceError, StorageFull) as error:
        return _wait_out(row, token, error)
    except Exception as error:
        if isinstance(error, OSError) and disks.is_no_room(error):
            return _wait_out(row, token, error)
        log.exception("social_intake_failed", social_event=row.public_id)
        return _try_later(row, token, error, tries=MAX_TRIES)


def _handle(row: SocialEvent) -> bool:
    (account,) = _ACCOUNT.run({stand_in(0): row.account_id})
    if row.attempts > MAX_CLAIMS:
        return _put_aside(row, "worker_died", "Handling this event has ended its process several times.")
    raw = sealing.unseal(bytes(row.raw))
    _watch(account, row, raw)
    try:
        read = _read(account, raw)
    except Unreadable as refused:
        return _put_aside(row, "unreadable", str(refused))
    if isinstance(read, Receipt):
        return _receive(account, row, read)
    if isinstance(read, Sighting):
        return _look_at(account, row, read)
    if not isinstance(read, Nothing) and account.external_id and read.said_to not in {"", account.external_id}:
        return _put_aside(row, "other_account", f"This was said to another account: {read.said_to[:64]}.")
    if isinstance(read, AccountTrouble):
        social_accounts.note_error(account=account, error=read.sentence)
        read = Nothing(read.reason)
    if isinstance(read, Nothing):
        with transaction.atomic():
            obj, detail = ("social_event", row.public_id), {"reason": read.reason}
            audit.record("social.ignored", actor=audit.SYSTEM, obj=obj, detail=detail)
            return _end(row, SocialEvent.State.IGNORED, reason=read.reason)
    read = _named(account, read)
    fetched = _fetch(account, row, read)
    with files.all_or_none(), transaction.atomic(), audit.together():
        if not _is_still_ours(row):
            return False
        message = social_handling.handle(Taken(account, read, fetched.taken, fetched.left_out))
        return _end(row, SocialEvent.State.PROCESSED, message_pk=message.pk if message else None)


def _read(account: SocialAccount, raw: bytes) -> Incoming | Receipt | AccountTrouble | Sighting | Nothing:
    """Read an event. Raises Unreadable."""
    vendor = channel(account.kind)
    return vendor.parse_for(account, raw) if isinstance(vendor, Addressed) else vendor.parse(raw)


def _receive(account: SocialAccount, row: SocialEvent, receipt: Receipt) -> bool:
    """Keep what the vendor says became of messages of ours. Raises NotSettled while one is being sent."""
    with transaction.atomic(), audit.together():
        if not _is_still_ours(row):
            return False
        social_receipts.take(account=account, receipt=receipt)
        return _end(row, SocialEvent.State.PROCESSED)


def _look_at(account: SocialAccount, row: SocialEvent, seen: Sighting) -> bool:
    with transaction.atomic(), audit.together():
        if not _is_still_ours(row):
            return False
        social_impostors.look(account=account, seen=seen)
        return _end(row, SocialEvent.State.PROCESSED)


def _watch(account: SocialAccount, row: SocialEvent, raw: bytes) -> None:
    """Look whether somebody whom the event shows poses as us. Raises VendorAway while asking again is worth while."""
    vendor = channel(account.kind)
    if not isinstance(vendor, ShowsMembers):
        return
    try:
        social_impostors.watch(account=account, vendor=vendor, raw=raw)
    except VendorAway as away:
        if row.attempts < MAX_FETCHES:
            raise
        log.warning("members_not_judged", social_event=row.public_id, reason=str(away))


def _named(account: SocialAccount, read: Incoming) -> Incoming:
    """Ask what somebody new is called, once, where events do not say it; without an answer they have no name."""
    vendor = channel(account.kind)
    if not isinstance(vendor, NamesPeople) or read.writer.name or read.act != "message":
        return read
    if SocialChat.objects.filter(account=account, external_id=read.chat_id).exists():
        return read
    try:
        name = vendor.name_of(account, read.writer.external_id)
    except (VendorAway, VendorRefused) as error:
        log.info("social_name_not_told", account=account.public_id, reason=str(error))
        return read
    return replace(read, writer=replace(read.writer, name=name))


def _fetch(account: SocialAccount, row: SocialEvent, read: Incoming) -> _Fetched:
    """Fetch its files, outside any transaction. Raises VendorAway while it is worth while to ask again."""
    taken: list[NewFile] = []
    left_out: list[str] = []
    masked = 0
    # A correction says other words: its file is the one that is here already.
    for file in read.files if read.act == "message" else ():
        content = _content(account, row, file)
        masked += masking_bytes(content, file.name) if content is not None else 0
        if content is None or masked > MASKED_BYTES:
            left_out.append(file.name)
        else:
            taken.append(NewFile(name=file.name, content=content))
    return _Fetched(tuple(taken), tuple(left_out))


def _content(account: SocialAccount, row: SocialEvent, file: RemoteFile) -> bytes | None:
    try:
        return channel(account.kind).fetch(account, file, limit=settings.MAX_UPLOAD_BYTES)
    except VendorRefused as refused:
        log.info("social_file_left_out", social_event=row.public_id, reason=str(refused))
    except VendorAway as away:
        if row.attempts < MAX_FETCHES:
            raise
        log.warning("social_file_left_out", social_event=row.public_id, reason=str(away))
    return None


def _is_still_ours(row: SocialEvent) -> bool:
    """Lock the event, the first of all locks; False when its lease went to somebody else."""
    held = SocialEvent.objects.filter(pk=row.pk, lease_token=row.lease_token, state=SocialEvent.State.STORED)
    return held.select_for_update(no_key=True).values_list("pk", flat=True).first() is not None


def _end(row: SocialEvent, state: str, *, reason: str = "", message_pk: int | None = None) -> bool:
    SocialEvent.objects.filter(pk=row.pk, lease_token=row.lease_token).update(
        state=state,
        reason=reason,
        message_id=message_pk,
        handled_at=DatabaseNow(),
        last_error="",
        lease_token=None,
        lease_until=None,
    )
    return True


def _put_aside(row: SocialEvent, reason: str, explanation: str) -> bool:
    with transaction.atomic():
        social_review.put(event=row, reason=reason, explanation=explanation)
    return True


def _wait_out(row: SocialEvent, token: uuid.UUID, error: Exception) -> bool:
    """Give the row back until the database is there again, or a disk has room: not counted against it."""
    if isinstance(error, StorageFull) or disks.is_no_room(error):
        disks.report_full(disks.place_of(error))
    if not connection.in_atomic_block:
        connection.close()
    with transaction.atomic():
        SocialEvent.objects.filter(pk=row.pk, lease_token=token, attempts__gt=0).update(attempts=F("attempts") - 1)
        SocialEvent.settle(
            row.pk, token, state=SocialEvent.State.STORED, error=type(error).__name__, retry_in_s=PASSING_RETRY_S
        )
    return False


def _try_later(row: SocialEvent, token: uuid.UUID, error: Exception, *, tries: int | None) -> bool:
    """Give the row back, with a growing pause; after `tries` of them put it aside, None: never."""
    if tries is not None and row.attempts >= tries:
        return _put_aside(row, "failed", f"Handling this event failed {row.attempts} times ({type(error).__name__}).")
    wait_s = RETRY_S * 2 ** min(row.attempts - 1, 6)
    SocialEvent.settle(row.pk, token, state=SocialEvent.State.STORED, error=type(error).__name__, retry_in_s=wait_s)
    return False
