"""`webhook_key`: prints a fresh signing key for a webhook; it is kept nowhere."""

from typing import Any

from django.core.management.base import BaseCommand

from tickets.webhooks.signing import new_key


class Command(BaseCommand):
    """Print one key."""

    help = "Prints a fresh signing key for a webhook (Standard Webhooks: whsec_ and 32 random bytes in base64)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the key alone, so that it can be piped."""
        self.stdout.write(new_key())
