"""Keeping a raw mail under its unique identity before anybody parses it; every mail door calls this."""

from collections.abc import Sequence
from typing import NamedTuple

import psycopg
from django.db import connection, transaction

from core import audit, doorbell, sealing
from core.audit import SYSTEM, Actor
from core.ids import new_public_id
from tickets.channels.email.identity import content_identity
from tickets.models import InboundMail, Mailbox

INGEST = "tickets.ingest"
LARGE_BYTES = 2 * 1024 * 1024
# The app's own cursor binds parameters in binary: Django's would spell a 35 MB mail out in hex, three times over.
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


class End(NamedTuple):
    """What became of one mail; keys of the row itself, of its ticket and of its message."""

    pk: int
    state: str
    reason: str
    ticket_pk: int | None
    message_pk: int | None


def store(
    *,
    mailbox: Mailbox,
    raw: bytes,
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
        found = _insert(
            [
                public_id, mailbox.pk, source, vouches, identity, _clean(envelope_from), _clean(envelope_to),
                sealing.seal(raw), len(raw), InboundMail.State.STORED, "", "", "",
            ]
        )  # fmt: skip
        if found is not None:
            audit.record("mail.stored", actor=actor, obj=("inbound_mail", public_id), detail={"source": source})
            doorbell.ring(INGEST, found)
    row = InboundMail.objects.defer("raw").get(mailbox=mailbox, identity=identity)
    if len(raw) > LARGE_BYTES and not connection.in_atomic_block:
        connection.close()  # its buffer has grown to twice the mail and would stay so
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


def _clean(address: str) -> str:
    """An envelope address as it can be stored: without NUL, within the column."""
    return address.replace("\x00", "").encode("utf-8", "replace").decode()[:320]


def end(ends: Sequence[End]) -> None:
    """Write what became of locked raw rows and give their leases back, in the transaction of their messages."""
    if ends:
        with connection.cursor() as cursor:
            cursor.execute(END, [list(column) for column in zip(*ends, strict=True)])
