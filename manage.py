#!/usr/bin/env python
"""Django's command line for Pharos; development settings unless the environment says otherwise."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings.dev")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
