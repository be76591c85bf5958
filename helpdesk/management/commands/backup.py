"""`manage.py backup --to FOLDER [--follow]`: one backup, or one that is kept up to date until it is stopped."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import heartbeat
from helpdesk.backup import taking
from helpdesk.backup.folder import Folder
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher.progress import Progress

NO_ROLE = (
    "DATABASE_BACKUP_URL is not set: a backup needs a role that may replicate "
    "(or the administrator's DATABASE_ADMIN_URL), never the app role."
)


class Command(BaseCommand):
    """Copies the cluster, its log and the files of messages; never the keys."""

    help = "Back up the database and the files. The keys are not in a backup: keep them elsewhere."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and for how long."""
        parser.add_argument("--to", required=True, type=Path, help="an empty folder, or that of an earlier backup")
        parser.add_argument(
            "--follow", action="store_true", help="keep it up to date: the log as it grows, a copy a day"
        )
        parser.add_argument("--keep", type=int, default=7, help="how many base copies stay (default 7)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run; one sentence when something is wrong."""
        url = settings.DATABASE_BACKUP_URL or settings.DATABASE_ADMIN_URL
        if not url:
            raise CommandError(NO_ROLE)
        progress = Progress()
        folder = Folder(options["to"].expanduser().resolve())
        made = taking.Taking(folder, url, keep=max(1, options["keep"]), say=progress.say)
        try:
            if options["follow"]:
                self._follow(made)
            else:
                taking.once(made)
        except SetupError as problem:
            raise CommandError(str(problem)) from problem
        except OSError as error:
            raise CommandError(f"The backup cannot be written to {folder.root}: {error.strerror or error}.") from error
        progress.say(f"the backup is in {folder.root}; the keys are not: keep VAR_DIR/secrets or secrets/ elsewhere")

    def _follow(self, made: taking.Taking) -> None:
        stop = threading.Event()
        numbers: list[int] = []

        def end(number: int, _frame: FrameType | None) -> None:
            numbers.append(number)
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        taking.follow(made, stop)
        if signal.SIGINT in numbers:
            # A person ended it, and need not be told that it is silent.
            heartbeat.forget(taking.PULSE)
