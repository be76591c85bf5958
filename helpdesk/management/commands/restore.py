"""`manage.py restore --from FOLDER`: a backup on an empty machine, replayed to its end and verified."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import audit
from helpdesk.backup import restoring
from helpdesk.backup.folder import Folder
from helpdesk.embedded import places
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher.progress import Progress


class Command(BaseCommand):
    """Puts back database and files; the keys have to be there already."""

    help = "Restore a backup on an empty machine. Put the keys back first: they are not in it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from; for a PostgreSQL of one's own, where to, and the check afterwards."""
        parser.add_argument("--from", dest="source", type=Path, help="the folder of the backup")
        parser.add_argument("--data", type=Path, help="only put the files: this is the empty data folder of the server")
        parser.add_argument("--check", action="store_true", help="only check: the server runs again")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Restore; one sentence when something is wrong."""
        progress = Progress()
        try:
            if options["check"]:
                restoring.report_missing(settings.DATABASE_URL, Path(settings.MEDIA_ROOT), progress.say)
                return
            if not options["source"]:
                raise CommandError("Name the backup: --from FOLDER.")
            folder = Folder(options["source"].expanduser().resolve())
            if options["data"]:
                target = restoring.Target(options["data"].resolve(), Path(settings.MEDIA_ROOT), audit.anchor_path())
                restoring.put_files(folder, target, progress.say)
                progress.say(
                    "start the server on it: it replays the log by itself; then `migrate` and `restore --check`"
                )
            else:
                restoring.bring_up(places.from_environment(), folder, progress)
        except SetupError as problem:
            raise CommandError(str(problem)) from problem
        except OSError as error:
            raise CommandError(f"The machine refused: {error}.") from error
