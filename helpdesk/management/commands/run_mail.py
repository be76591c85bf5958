"""`run_mail`: the mail process, in the foreground until SIGTERM."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk import mail_process, starting


class Command(BaseCommand):
    """Listener, IMAP pollers and the fallback sweeper in one process."""

    help = "Receives mail: SMTP/LMTP listener, IMAP pollers; handles forgotten rows when the broker is away."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run; fails with one sentence when the port is taken or a key does not fit."""
        starting.keys_or_exit(opens_mail=True)
        starting.fund_rule_or_exit()
        try:
            mail_process.run()
        except OSError as error:
            message = f"The mail listener cannot start on port {settings.SMTP_PORT}: {error.strerror or error}."
            raise CommandError(message) from error
