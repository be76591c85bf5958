"""`manage.py kb_import PLACE`: takes articles in from Markdown files, or from another help desk's export."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kb.interchange import chatwoot, folder, zammad, zendesk
from kb.services import importing

READERS = {
    "folder": folder.read,
    "zendesk": zendesk.read,
    "zammad": zammad.read,
    "chatwoot": chatwoot.read,
}


class Command(BaseCommand):
    """Imports articles."""

    help = "Import articles from a folder of Markdown files, or from a JSON export of another help centre."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the place and its format; `--dry-run` only tells."""
        parser.add_argument("place", type=Path)
        parser.add_argument("--format", choices=sorted(READERS), default="folder")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, write, and report what was refused."""
        place: Path = options["place"]
        if not place.exists():
            raise CommandError(f"There is nothing at {place}.")
        report = importing.take(library=READERS[options["format"]](place), dry_run=options["dry_run"])
        for refusal in report.refusals:
            self.stderr.write(f"refused: {refusal.where}: {refusal.why}")
        done = "would be" if options["dry_run"] else "were"
        self.stdout.write(
            f"{len(report.added)} {done} added, {len(report.changed)} {done} changed, {report.unchanged} are the same, "
            f"{len(report.refusals)} refused"
        )
