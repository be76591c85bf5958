"""What an act did to the database: every row before and after, and the audit entries written meanwhile."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import psycopg
from django.apps import apps
from django.db import connection
from django.db.models import Model

from core.models import AuditEntry

# The log itself is compared, not searched for changes.
LOG = {"core.AuditEntry", "core.AuditPending", "core.AuditSeal"}
# Of the rule's own tables, those that a page writes without a passkey's answer.
BY_PAGES = {"security.TrainingCertificate", "security.TrainingWithdrawal", "security.FundDecline"}
# Rows as text: of one table, equal text is an equal row, and most are equal.
Rows = dict[tuple[str, str], str]


@dataclass(frozen=True)
class Change:
    """One row that came, went, or has other values in some columns."""

    label: str
    pk: str
    verb: str
    columns: frozenset[str]
    row: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.verb} {self.label} ({', '.join(sorted(self.columns))})"


@dataclass(frozen=True)
class Diff:
    """All changes of an act, and what the audit log says of it."""

    changes: tuple[Change, ...]
    entries: tuple[AuditEntry, ...]

    @property
    def labels(self) -> set[str]:
        """The models whose rows changed."""
        return {change.label for change in self.changes}


class Recorder:
    """`with Recorder() as seen: act()` leaves the difference in `seen.diff`."""

    diff: Diff

    def __enter__(self) -> Self:
        self._rows = rows()
        self._last_entry = _last_entry()
        return self

    def __exit__(self, *_: object) -> None:
        changes = tuple(between(self._rows, rows()))
        self.diff = Diff(changes, tuple(AuditEntry.objects.filter(pk__gt=self._last_entry).order_by("pk")))


def rows() -> Rows:
    """Return every row of every table but the audit log's."""
    connection.ensure_connection()
    # Planning a hundred tables takes longer than reading them: once a connection.
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(everything(), prepare=True)
        return {(label, pk): row for label, pk, row in cursor}


@cache
def everything() -> bytes:
    """Return the statement that reads label, key and values of all rows."""
    parts = []
    for model in tables():
        label, table, key = model._meta.label, model._meta.db_table, model._meta.pk
        assert key is not None
        read = f"""SELECT '{label}', t."{key.column}"::text, to_jsonb(t)::text FROM "{table}" t"""  # noqa: S608 -- names of models
        parts.append(read)
    return " UNION ALL ".join(parts).encode()


def tables() -> list[type[Model]]:
    """Return every model with a table of its own; of the rule's, what pages write."""
    found = [one for one in apps.get_models(include_auto_created=True) if not one._meta.proxy]
    return [one for one in found if (one._meta.managed or one._meta.label in BY_PAGES) and one._meta.label not in LOG]


def between(before: Rows, after: Rows) -> Iterable[Change]:
    """Compare two readings."""
    for place in sorted(before.keys() | after.keys()):
        if before.get(place) == after.get(place):
            continue
        old, new = (json.loads(found[place]) if place in found else None for found in (before, after))
        if old == new:
            continue
        if old is None or new is None:
            row, verb = (new or old or {}), ("insert" if old is None else "delete")
            yield Change(*place, verb, frozenset(row), row)
            continue
        columns = frozenset(name for name in new if new[name] != old.get(name))
        yield Change(*place, "update", columns, new)


def _last_entry() -> int:
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0
