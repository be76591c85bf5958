"""`api_token`: makes an API token for a person and prints it, the only time it can be read."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Staff
from core.audit import SYSTEM
from security.models import ApiToken
from security.services import api_tokens


class Command(BaseCommand):
    """Issue a token with scopes and a life in days."""

    help = "Makes an API token for EMAIL and prints it once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("email")
        parser.add_argument(
            "--scope", nargs="+", action="extend", choices=ApiToken.Scope.values, help="may be given several times"
        )
        parser.add_argument("--name", default="command line")
        parser.add_argument("--days", type=int, default=api_tokens.LIFE_DAYS, help="life in days")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the token alone, so that it can be piped; raises CommandError for unknown or inactive people."""
        person = Staff.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
        if person is None:
            message = f"Nobody who may sign in has the address {options['email']}."
            raise CommandError(message)
        if options["days"] < 1:
            message = "A token lives at least one day."
            raise CommandError(message)
        _, secret = api_tokens.issue(
            person=person,
            name=options["name"],
            scopes=options["scope"] or [ApiToken.Scope.READ],
            actor=SYSTEM,
            life_days=options["days"],
        )
        self.stdout.write(secret)
