"""`fingerprint_sent`: remembers mail that left before fingerprints were kept."""

from typing import Any

from django.core.management.base import BaseCommand

from tickets.services import sent_fingerprints


class Command(BaseCommand):
    """Run it once after the upgrade; again does no harm."""

    help = "Keeps fingerprints of mail that was sent before they were kept, so that recipients can ask about it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Say how many."""
        self.stdout.write(f"{sent_fingerprints.keep_former()} mails remembered.")
