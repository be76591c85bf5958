"""`python -m helpdesk.launcher.prepare`: roles, migrations, demo data, a proof: one process, each as the right role.

One process, because loading Django three times would take longer than what is done on most starts.
"""

import io
import os

import django
from django.core.management import call_command
from django.db import connection

from helpdesk import starting
from helpdesk.embedded import places


def main() -> None:
    """Bring the database up to date; safe to repeat. Each stage says one line, which the launcher passes on."""
    os.chdir(places.ROOT)
    django.setup()
    if os.environ.get("DATABASE_ADMIN_URL"):
        _say("bringing the database roles up to date")
        call_command("create_roles", stdout=io.StringIO())
    app_role = dict(connection.settings_dict)
    _say("migrating the database")
    call_command("migrate", verbosity=0, interactive=False)
    # `migrate` went over to the owner: nothing else may work as the owner.
    connection.close()
    connection.settings_dict.clear()
    connection.settings_dict.update(app_role)
    _say("loading the demo data")
    call_command("load_demo")
    _say("proving the rule of fund-related actions")
    starting.fund_rule_or_exit()


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
