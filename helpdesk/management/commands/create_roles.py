"""`create_roles`: the roles of the database, idempotent; run once by an administrator of the server."""

from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from psycopg import sql

OWNER = "pharos_owner"
MIGRATOR = "pharos_migrator"
APP = "pharos_app"
BACKUP = "pharos_backup"
VERIFIER = "pharos_verifier"
AUDITOR = "pharos_auditor"


class Command(BaseCommand):
    """Create or update the owner (no login), the migrator (may become the owner), and those who own nothing."""

    help = "Creates the roles of the database and their passwords, by DATABASE_ADMIN_URL."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Apply; raises CommandError with what to set when a URL is missing or may not create roles."""
        if not settings.DATABASE_ADMIN_URL or not settings.DATABASE_OWNER_URL:
            message = "Set DATABASE_ADMIN_URL (may create roles) and DATABASE_OWNER_URL (becomes pharos_migrator)."
            raise CommandError(message)
        try:
            with psycopg.connect(settings.DATABASE_ADMIN_URL, autocommit=True) as connection:
                self._apply(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            message = "The role of DATABASE_ADMIN_URL may not create roles: use a superuser or a CREATEROLE role."
            raise CommandError(message) from error
        self.stdout.write("Roles are in place.")

    def _apply(self, connection: "psycopg.Connection[Any]") -> None:
        database = connection.info.dbname
        self._role(connection, OWNER, "NOLOGIN", None)
        self._role(connection, MIGRATOR, "LOGIN NOINHERIT", settings.DATABASE_OWNER_URL)
        self._role(connection, APP, "LOGIN NOINHERIT", settings.DATABASE_URL)
        if settings.DATABASE_BACKUP_URL:
            self._role(connection, BACKUP, "LOGIN REPLICATION", settings.DATABASE_BACKUP_URL)
        # Both are there, with their grants, before anybody signs in as them.
        for role, url in ((VERIFIER, settings.DATABASE_VERIFIER_URL), (AUDITOR, settings.DATABASE_AUDITOR_URL)):
            self._role(connection, role, "LOGIN NOINHERIT" if url else "NOLOGIN NOINHERIT", url or None)
        statements = [
            "GRANT {owner} TO {migrator}",
            "GRANT {owner} TO CURRENT_USER",
            "REVOKE {owner} FROM {app}, {verifier}, {auditor}",
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {migrator}",
            "GRANT CONNECT ON DATABASE {database} TO {app}, {verifier}, {auditor}",
            "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {owner}",
            "ALTER SCHEMA public OWNER TO {owner}",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO {app}, {verifier}, {auditor}",
        ]
        named = {"owner": OWNER, "migrator": MIGRATOR, "app": APP, "verifier": VERIFIER, "auditor": AUDITOR}
        names = {name: sql.Identifier(value) for name, value in named.items()}
        for statement in statements:
            connection.execute(sql.SQL(statement).format(database=sql.Identifier(database), **names))

    def _role(self, connection: "psycopg.Connection[Any]", name: str, options: str, url: str | None) -> None:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
        verb = "ALTER" if known else "CREATE"
        statement = sql.SQL(f"{verb} ROLE {{}} {options} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS").format(
            sql.Identifier(name)
        )
        if url is not None:
            password = unquote(urlsplit(url).password or "")
            if not password:
                message = f"The URL for {name} carries no password."
                raise CommandError(message)
            statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
        connection.execute(statement)
