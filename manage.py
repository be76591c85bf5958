#!/usr/bin/env python
"""Django's command line for Pharos; development settings unless the environment says otherwise."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command named on the command line."""
    if sys.argv[1:] == ["make_secrets"]:
        from helpdesk import fresh_secrets  # noqa: PLC0415 -- only this command needs it

        # Settings cannot be read before their secrets exist.
        sys.stdout.write("\n".join(fresh_secrets.lines()) + "\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings.dev")
    from helpdesk import starting  # noqa: PLC0415 -- after the settings are named

    starting.settings_or_exit()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
