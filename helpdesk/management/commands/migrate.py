"""`migrate` as the owner: runs on DATABASE_OWNER_URL, then gives the app role exactly its grants."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection

from core import grants
from helpdesk.delayed_migrations import DelayedExecutor
from helpdesk.grants import GRANTS, OTHERS, SEQUENCES
from helpdesk.settings import environment

# Django's command takes no other from anybody; the stubs do not know that it names one.
migrate.MigrationExecutor = DelayedExecutor  # type: ignore[attr-defined]
OWNER_OPTIONS = {"role": "pharos_owner", "lock_timeout": "4s", "statement_timeout": "60s", "timezone": "UTC"}


class Command(migrate.Command):
    """Django's migrate on the owner's connection."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Switch to the owner, migrate, apply the grants; fails clearly without DATABASE_OWNER_URL."""
        if not settings.DATABASE_OWNER_URL:
            message = "DATABASE_OWNER_URL is not set: migrations run as pharos_migrator, never as the app role."
            raise CommandError(message)
        connection.close()
        connection.settings_dict.update(environment.database(settings.DATABASE_OWNER_URL, options=OWNER_OPTIONS))
        result = super().handle(*args, **options)
        grants.apply(connection, GRANTS, SEQUENCES, others=OTHERS)
        return result
