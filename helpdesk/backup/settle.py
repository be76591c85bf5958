"""`python -m helpdesk.backup.settle`: roles, grants and the audit chain of a restored database, in one process."""

import io
import os
import sys

import django
from django.core.management import call_command
from django.db import connection

from helpdesk.embedded import places


def main() -> None:
    """Bring roles and grants up to date and verify the chain; status 1 and the bad links when it is broken."""
    os.chdir(places.ROOT)
    django.setup()
    app_role = dict(connection.settings_dict)
    if os.environ.get("DATABASE_ADMIN_URL"):
        call_command("create_roles", stdout=io.StringIO())
    call_command("migrate", verbosity=0, interactive=False)
    sys.stdout.write("roles and grants are in place\n")
    sys.stdout.flush()
    connection.close()
    connection.settings_dict.clear()
    connection.settings_dict.update(app_role)
    call_command("verify_audit")


if __name__ == "__main__":
    main()
