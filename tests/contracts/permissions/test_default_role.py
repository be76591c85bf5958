"""E8: nobody becomes privileged by default: not in the model, not in the database, not by a door."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import Staff
from accounts.permissions import ROLE_PERMISSIONS, SENSITIVE_ROLES, Permission, Role

INSERT = """
INSERT INTO accounts_staff (public_id, email, name, {columns} password, is_active, locale, time_zone, theme, session_epoch)
VALUES ('{name}', '{name}@cast.test', 'New', {values} '!', true, 'en', 'UTC', 'system', 0)
"""
PRIVILEGED = {
    Permission.STAFF_MANAGE,
    Permission.MAILBOX_MANAGE,
    Permission.ADMIN_SITE,
    Permission.TICKET_VIEW_RESTRICTED,
}


def insert(name: str, role: str | None) -> None:
    columns, values = ("role,", f"'{role}',") if role is not None else ("", "")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT.format(columns=columns, values=values, name=name))


@pytest.mark.attack("E8")
def test_model__person_without_a_role__is_the_least_of_all() -> None:
    role = Staff().role

    assert role not in SENSITIVE_ROLES
    assert ROLE_PERMISSIONS[role] == min(ROLE_PERMISSIONS.values(), key=len)
    assert ROLE_PERMISSIONS[role].isdisjoint(PRIVILEGED)


@pytest.mark.attack("E8")
def test_database__person_without_a_role__is_refused(db: None) -> None:
    with pytest.raises(IntegrityError, match='null value in column "role"'):
        insert("nobody", None)
    for role in ("", "superuser", "ADMIN", "admin "):
        with pytest.raises(IntegrityError, match="accounts_staff_role_known"):
            insert("strange", role)
    insert("listed", Role.LIGHT_AGENT)


@pytest.mark.attack("E8")
def test_database__no_default_and_nobody_of_ours_can_give_it_one(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_default FROM information_schema.columns WHERE table_name = 'accounts_staff' AND column_name = 'role'"
        )
        assert cursor.fetchall() == [(None,)]
    for change in (
        "ALTER TABLE accounts_staff ALTER COLUMN role SET DEFAULT 'admin'",
        "ALTER TABLE accounts_staff DROP CONSTRAINT accounts_staff_role_known",
    ):
        with (
            pytest.raises(ProgrammingError, match="must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
