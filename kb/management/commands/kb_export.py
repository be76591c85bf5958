"""`manage.py kb_export FOLDER`: writes what is published as a folder of Markdown files, which kb_import reads."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from kb.interchange import folder
from kb.models import GlossaryTerm, Synonym
from kb.selectors import exporting


class Command(BaseCommand):
    """Exports articles."""

    help = "Write what is published as a folder of Markdown files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the folder; `--dry-run` only tells."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="tell what would be written, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write into an empty or new folder, so that nothing of before stays between."""
        target: Path = options["folder"]
        if target.exists() and any(target.iterdir()):
            raise CommandError(f"{target} is not empty.")
        files = {
            target / "tree.yaml": folder.tree_written(exporting.shelves()),
            target / "glossary.yaml": _yaml([
                {"term": {row.language: row.term}, "meaning": {row.language: row.meaning}}
                for row in GlossaryTerm.objects.all()
            ]),
            target / "synonyms.yaml": _yaml([{row.language: row.words} for row in Synonym.objects.all()]),
        }  # fmt: skip
        for text in exporting.texts():
            path = target / text.language / text.category / text.section / f"{text.slug}.md"
            files[path] = folder.written(text)
        if not options["dry_run"]:
            for path, content in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, "utf-8")
        self.stdout.write(f"{len(files) - 3} articles {'would be' if options['dry_run'] else 'were'} written")


def _yaml(found: list[Any]) -> str:
    return str(yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=1000))
