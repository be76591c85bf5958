"""`manage.py demo_code EMAIL`: prints a second-factor code that sign-in will accept, in development settings only."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.demo import codes


class Command(BaseCommand):
    """Stands in for the authenticator app of the demo's staff."""

    help = "Print a TOTP code for a demo account; waits for the next step when the current one was used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for whom."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the code alone on standard output; why it takes a moment goes to standard error."""
        if not settings.DEMO:
            raise CommandError("demo_code works in development settings only: it defeats the second factor.")
        try:
            code = codes.usable_code(options["email"], say=self._say)
        except codes.NoCodeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(code)

    def _say(self, line: str) -> None:
        self.stderr.write(line)
