"""Keeping a raw mail under its unique identity before anybody parses it; every mail door calls this."""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import psycopg
from django.db import IntegrityError, connection, transaction

from core import audit, doorbell, sealing
from core.audit import SYSTEM, Actor
from core.ids import new_public_id
from tickets.channels.email.identity import content_identity
from tickets.models import InboundMail, Mailbox, Message, Ticket

INGEST = "tickets.ingest"
# The app's own cursor binds parameters in binary: Django's would spell a mail out in hex.
INSERT = """
INSERT INTO tickets_inboundmail (
    public_id, mailbox_id, source, is_from_trusted_mx, identity, envelope_from, envelope_to, raw, size,
    state, attempts, last_error, reason, explanation, preview
) VALUES (%s, %s, %s, %s, %s, %s, %s, %b, %s, %s, 0, '', %s, %s, %s)
ON CONFLICT (mailbox_id, identity) DO NOTHING
RETURNING id
"""
END = """
UPDATE tickets_inboundmail AS inbound
   SET state = ended.state, reason = ended.reason, ticket_id = ended.ticket_id, message_id = ended.message_id,
       handled_at = core.clock(), last_error = '', lease_token = NULL, lease_until = NULL
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])
       AS ended (id, state, reason, ticket_id, message_id)
 WHERE inbound.id = ended.id
"""
# A large mail goes in piece by piece: as a parameter it would stand in memory three times more.
COPY = """
COPY tickets_inboundmail (
    public_id, mailbox_id, source, is_from_trusted_mx, identity, envelope_from, envelope_to, raw, size,
    state, attempts, last_error, reason, explanation, preview
) FROM STDIN (FORMAT binary)
"""
_COPY_BEGINS, _COPY_ENDS = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0), struct.pack("!h", -1)


class End(NamedTuple):
    """What became of one mail: the key of its row, and its ticket and message, which have theirs when it is written."""

    pk: int
    state: str
    reason: str
    ticket: Ticket | None
    message: Message | None


def store(
    *,
    mailbox: Mailbox,
    raw: bytes | bytearray,
    source: str,
    envelope_from: str,
    envelope_to: str,
    peer_is_trusted: bool,
    actor: Actor = SYSTEM,
) -> tuple[InboundMail, bool]:
    """Keep `raw` sealed and return (row, whether it is new); committed when this returns, unless nested.

    `actor` is whose token handed it in; a mail server is nobody in particular.

    The same mail again, by whatever door, is the row that is there already. Raises
    django.db.OperationalError when the database is away or full: then nothing was kept.
    """
    vouches = peer_is_trusted and source != InboundMail.Source.HTTP
    with transaction.atomic():
        identity, public_id = content_identity(raw), new_public_id()
        values = [public_id, mailbox.pk, source, vouches, identity, _clean(envelope_from), _clean(envelope_to)]
        if len(raw) > InboundMail.LARGE_BYTES:
            found = _copy(mailbox, identity, values, raw)
        else:
            found = _insert([*values, sealing.seal(bytes(raw)), len(raw), InboundMail.State.STORED, "", "", ""])
        if found is not None:
            audit.record("mail.stored", actor=actor, obj=("inbound_mail", public_id), detail={"source": source})
            doorbell.ring(INGEST, found)
    row = InboundMail.objects.defer("raw").get(mailbox=mailbox, identity=identity)
    return row, found is not None


def store_refused(*, mailbox_pk: int, header: bytes, source: str, reason: str, explanation: str, preview: str) -> str:
    """Keep only the header of a mail that was left on its server; return its public id, or nothing if it is known."""
    public_id = new_public_id()
    with transaction.atomic():
        found = _insert(
            [
                public_id, mailbox_pk, source, False, content_identity(header), "", "",
                sealing.seal(header), len(header), InboundMail.State.QUARANTINED, reason, explanation[:500], preview,
            ]
        )  # fmt: skip
    return public_id if found is not None else ""


def _insert(values: list[object]) -> int | None:
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        row = cursor.execute(INSERT, values).fetchone()
    return int(row[0]) if row else None


def pieces(row: InboundMail) -> Iterator[bytes]:
    """Yield the content of a large mail, opened, fetching it as it is consumed."""
    return sealing.unseal_pieces(_fetched(row))


def _fetched(row: InboundMail) -> Iterator[bytes]:
    """Yield the sealed bytes a piece at a time; they are stored uncompressed, so the database reads no more either."""
    connection.ensure_connection()
    position = 1
    while True:
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            query = "SELECT substring(raw FROM %s FOR %s) FROM tickets_inboundmail WHERE id = %s"
            found = cursor.execute(query, [position, sealing.PIECE_BYTES, row.pk], binary=True).fetchone()
        if found is None or not found[0]:
            return
        yield found[0]
        position += len(found[0])


def _copy(mailbox: Mailbox, identity: str, values: list[object], raw: bytes | bytearray) -> int | None:
    """Insert a large mail, sealed on its way; None when it is known."""
    if InboundMail.objects.filter(mailbox=mailbox, identity=identity).exists():
        return None
    connection.ensure_connection()
    try:
        with (
            transaction.atomic(),
            connection.wrap_database_errors,
            psycopg.Cursor(connection.connection) as cursor,
            cursor.copy(COPY) as copy,
        ):
            copy.write(_COPY_BEGINS + struct.pack("!h", 15) + b"".join(_field(value) for value in values))
            copy.write(struct.pack("!i", sealing.sealed_size(len(raw))))
            for piece in sealing.seal_pieces(raw):
                copy.write(piece)
            size, attempts = struct.pack("!ii", 4, len(raw)), struct.pack("!ii", 4, 0)
            state, empty = _field(InboundMail.State.STORED.value), _field("")
            copy.write(size + state + attempts + empty * 4 + _COPY_ENDS)
    except IntegrityError:
        return None  # another door has just kept it
    return InboundMail.objects.values_list("pk", flat=True).get(mailbox=mailbox, identity=identity)


def _field(value: object) -> bytes:
    """One field of a row in COPY's binary form: a bigint, a boolean, or text."""
    if isinstance(value, bool):
        return struct.pack("!i?", 1, value)
    if isinstance(value, int):
        return struct.pack("!iq", 8, value)
    text = str(value).encode()
    return struct.pack("!i", len(text)) + text


def _clean(address: str) -> str:
    """An envelope address as it can be stored: without NUL, within the column."""
    return address.replace("\x00", "").encode("utf-8", "replace").decode()[:320]


def end(ends: Sequence[End]) -> None:
    """Write what became of locked raw rows and give their leases back, in the transaction of their messages."""
    if ends:
        with connection.cursor() as cursor:
            cursor.execute(
                END,
                [
                    [one.pk for one in ends],
                    [one.state for one in ends],
                    [one.reason for one in ends],
                    [one.ticket.pk if one.ticket else None for one in ends],
                    [one.message.pk if one.message else None for one in ends],
                ],
            )
