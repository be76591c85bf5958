"""`run_discord`: the process that listens to Discord, in the foreground until SIGTERM."""

from typing import Any

from django.core.management.base import BaseCommand

from helpdesk import discord_process, starting


class Command(BaseCommand):
    """One connection to Discord's gateway for each active account there; idle where there is none."""

    help = "Listens to Discord's gateway for every active account, and keeps what concerns us."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run; fails with one sentence when a key does not fit."""
        starting.keys_or_exit()
        discord_process.run()
