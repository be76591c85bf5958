"""`create_admin`: the first administrator of an installation, who comes in by a printed invitation link."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.models import Staff
from accounts.permissions import Role
from security.services import invitations


class Command(BaseCommand):
    """Create an administrator without a password and print the link that sets one."""

    help = "Creates an administrator and prints an invitation link of one day that works once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the link; for an administrator who never came in, a fresh one. Raises CommandError for anybody else."""
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        known = Staff.objects.filter(email=email).first()
        if known is None:
            invited = invitations.add_person(
                email=email, name=options["name"], role=Role.ADMIN, invited_by=None, is_mailed=False
            )
        elif known.role == Role.ADMIN and known.is_active and not known.has_usable_password():
            invited = invitations.invite(person=known, invited_by=None, is_mailed=False)
        else:
            message = f"{email} has an account already: an administrator can invite them again."
            raise CommandError(message)
        self.stdout.write(invited.link)
