"""The audit log: hash-chained, append-only, written by one SQL function that the app role may only call."""

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection

from core import request_id
from core.own_connection import own_cursor

Detail = str | int | bool | None
CALL = "core.audit_append(%s, %s, %s, %s, %s, %s, %s, %s)"
APPEND = f"SELECT {CALL}"
NONE = "no anchor exists for this chain"
# A line of the anchor file; one that was cut off by a full disk or a dead machine names nothing.
BEGUN, ANCHORS = "audit.anchors_begun", ("audit", "anchors")
ANCHOR = re.compile(r"(\d+) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a kind of AuditEntry.ActorKind and an opaque id."""

    kind: str
    id: str = ""


SYSTEM = Actor("system")
ANONYMOUS = Actor("anonymous")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Entries of one `together` block, and how many savepoints deep it began."""

    depth: int
    entries: "list[list[str | list[str]]]"


_waiting: ContextVar[_Waiting | None] = ContextVar("audit_waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Write what is recorded within the block by one statement at its end; inside the caller's transaction.

    An error that leaves the block drops its entries: it also undoes what they tell of. What is
    recorded below a further savepoint is written at once, since that may be undone alone.
    """
    waiting = _Waiting(len(connection.savepoint_ids), [])
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    if waiting.entries:
        with connection.cursor() as cursor:
            calls = ", ".join([CALL] * len(waiting.entries))
            cursor.execute(f"SELECT {calls}", [value for entry in waiting.entries for value in entry])


def _arguments(
    action: str,
    actor: Actor,
    obj: tuple[str, str] | None,
    fields: Sequence[str],
    detail: Mapping[str, Detail] | None,
) -> list[str | list[str]]:
    kind, identity = obj or ("", "")
    via = structlog.contextvars.get_contextvars().get("via")
    told = {**(detail or {}), "via": via} if via else dict(detail or {})
    return [actor.kind, actor.id, action, kind, identity, list(fields), json.dumps(told), request_id.current()]


def record(
    action: str,
    *,
    actor: Actor,
    obj: tuple[str, str] | None = None,
    fields: Sequence[str] = (),
    detail: Mapping[str, Detail] | None = None,
) -> None:
    """Append an entry inside the caller's transaction: the change and its record commit together or not at all.

    `obj` is (kind, public id). Ids and field names only: personal values never enter the chain.
    """
    entry = _arguments(action, actor, obj, fields, detail)
    waiting = _waiting.get()
    if waiting is not None and waiting.depth == len(connection.savepoint_ids):
        waiting.entries.append(entry)
        return
    with connection.cursor() as cursor:
        cursor.execute(APPEND, entry)


def record_now(
    action: str,
    *,
    actor: Actor,
    obj: tuple[str, str] | None = None,
    fields: Sequence[str] = (),
    detail: Mapping[str, Detail] | None = None,
) -> None:
    """Append an entry on a connection of its own, committed before this returns: denials survive a rollback."""
    with own_cursor() as cursor:
        cursor.execute(APPEND, _arguments(action, actor, obj, fields, detail))


def seal(limit: int = 5000) -> int:
    """Chain what waits, at most `limit` entries, and return how many; 0 when another sealer is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.audit_seal(%s)", [limit])
        row = cursor.fetchone()
    return int(row[0])


def unsealed_age_s() -> float:
    """Return how long the oldest unsealed entry has waited, in seconds; more than 5 is an alarm."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM core.clock() - min(e.at)), 0) "
            "FROM core_auditpending p JOIN core_auditentry e ON e.id = p.entry_id"
        )
        row = cursor.fetchone()
    return float(row[0])


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken link: its place in the chain and what is wrong with it."""

    seq: int
    entry_id: int | None
    why: str


def verify() -> list[Fault]:
    """Recompute the whole chain in the database and compare it with the anchors; an empty list is a whole chain."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT bad_seq, bad_entry, why FROM core.audit_verify()")
        faults = [Fault(*row) for row in cursor.fetchall()]
    return [*faults, *_against_anchors()]


def head() -> tuple[int, str]:
    """Return (count, hash in hex) of the chain's head."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, encode(hash, 'hex') FROM core_auditseal ORDER BY seq DESC LIMIT 1")
        row = cursor.fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "")


def anchor_path() -> Path:
    """Return the file that head hashes are written to; put it on another volume."""
    return Path(settings.AUDIT_ANCHOR_FILE)


class AnchorsGoneError(OSError):
    """The chain was anchored before, and its anchors are not where they were."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.ENOENT, "The anchors are gone", str(path))


def anchor(*, begins_anew: bool = False) -> int:
    """Append the head to the anchor file and return its count: a chain alone cannot see its own cut tail.

    A line of its own, whatever a writer before was cut off at; on the disk when this returns. The first file that a
    chain gets is an entry of the chain: when one is there and the file is not, raises AnchorsGoneError instead of
    quietly making another, which would hide what was cut off. `begins_anew` is somebody's word that it is lost.
    """
    count, digest = head()
    path = anchor_path()
    is_new = not path.exists()
    if is_new and have_begun() and not begins_anew:
        raise AnchorsGoneError(path)
    if not count:
        # Nothing is sealed yet: there is nothing that could be cut off.
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    _append(path, f"{count} {digest}\n")
    # The file before the entry: cut off between them, the next round finds a file and writes the entry.
    if begins_anew or not have_begun():
        record(BEGUN, actor=SYSTEM, obj=ANCHORS, detail={"link": count, "anew": begins_anew})
    return count


def have_begun() -> bool:
    """Whether this chain says of itself that it has been anchored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM core_auditentry WHERE object_kind = %s AND object_id = %s AND action = %s)",
            [*ANCHORS, BEGUN],
        )
        return bool(cursor.fetchone()[0])


def _append(path: Path, line: str) -> None:
    with path.open("a+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 1, 0))
        begin = b"" if file.read(1) in (b"", b"\n") else b"\n"
        file.write(begin + line.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def _is_old() -> bool:
    """Whether the chain has stood long enough to have been anchored at least once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(min(sealed_at) < core.clock() - interval '5 minutes', false) FROM core_auditseal"
        )
        row = cursor.fetchone()
    return bool(row[0])


def _against_anchors() -> list[Fault]:
    path = anchor_path()
    if not path.exists():
        count, _digest = head()
        return [Fault(count, None, NONE)] if _is_old() or have_begun() else []
    lines = path.read_text("ascii").splitlines()
    wanted = {int(whole[1]): whole[2] for line in lines if (whole := ANCHOR.fullmatch(line)) is not None}
    if not wanted and have_begun():
        return [Fault(head()[0], None, NONE)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, encode(hash, 'hex') FROM core_auditseal WHERE seq = ANY(%s)", [list(wanted)])
        found = dict(cursor.fetchall())
    return [
        Fault(count, None, "anchored link is missing" if count not in found else "anchored hash differs")
        for count, digest in sorted(wanted.items())
        if found.get(count) != digest
    ]
