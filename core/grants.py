"""Column grants: what a role may do with each table. Allow-lists only; a table without one is closed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

APP_ROLE = "pharos_app"
# Records that a proof was given, and nothing else.
VERIFIER_ROLE = "pharos_verifier"
# Reads evidence.
AUDITOR_ROLE = "pharos_auditor"
ALL = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights of a role on one model's table: names are database columns, or ALL."""

    select: bool = True
    insert: str | tuple[str, ...] = ()
    update: str | tuple[str, ...] = ()
    delete: bool = False


READ_ONLY = Grant()
CLOSED = Grant(select=False)
FULL = Grant(insert=ALL, update=ALL, delete=True)
APPEND_ONLY = Grant(insert=ALL)

GRANTS: dict[str, Grant] = {
    # The chain is written by core.audit_append() and core.audit_seal() alone.
    "core.AuditEntry": READ_ONLY,
    "core.AuditPending": READ_ONLY,
    "core.AuditSeal": READ_ONLY,
    "core.Heartbeat": Grant(insert=ALL, update=ALL, delete=True),
    "core.IdempotencyKey": Grant(insert=ALL, update=("response_status", "response_body"), delete=True),
    "core.Notice": Grant(
        insert=ALL,
        update=(
            "state",
            "attempts",
            "next_attempt_at",
            "lease_token",
            "lease_until",
            "last_error",
            "unanswered",
            "body",
        ),
    ),
    "core.StoredFile": Grant(insert=ALL, update=("scan",), delete=True),
}

EVIDENCE = ("core.AuditEntry", "core.AuditPending", "core.AuditSeal")


def statements(grants: Mapping[str, Grant], sequences: tuple[str, ...] = (), *, role: str = APP_ROLE) -> list[str]:
    """Return the SQL that gives `role` exactly `grants` and takes everything else away."""
    found = [f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}, PUBLIC"]
    for label, grant in sorted(grants.items()):
        table = f'"{apps.get_model(label)._meta.db_table}"'
        rights = ["SELECT"] if grant.select else []
        rights += [right for right in (_columns("INSERT", grant.insert), _columns("UPDATE", grant.update)) if right]
        rights += ["DELETE"] if grant.delete else []
        if rights:
            found.append(f"GRANT {', '.join(rights)} ON {table} TO {role}")
    found += [f"GRANT USAGE ON SEQUENCE {name} TO {role}" for name in sequences]
    return found


def apply(
    connection: BaseDatabaseWrapper,
    grants: Mapping[str, Grant],
    sequences: tuple[str, ...] = (),
    *,
    others: Mapping[str, Mapping[str, Grant]],
) -> None:
    """Run the statements on the owner's connection; `others` are the grants of further roles, by their names.

    All in one message, which PostgreSQL takes as one transaction: between taking away and giving again,
    the code that serves meanwhile would be refused everything.
    """
    with connection.cursor() as cursor:
        told = statements(grants, sequences)
        for role, theirs in others.items():
            told += statements(theirs, role=role)
        cursor.execute("; ".join(told))


def _columns(right: str, columns: str | tuple[str, ...]) -> str:
    if columns == ALL:
        return right
    if not columns:
        return ""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"{right} ({names})"
