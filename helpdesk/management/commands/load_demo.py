"""`manage.py load_demo`: fills an empty development database with a living exchange; a second run changes nothing."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.demo import loader
from helpdesk.demo.content import SIZE


class Command(BaseCommand):
    """Loads the demo data."""

    help = "Load the demo data (development settings only); does nothing when it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let benches and tests choose another size or seed."""
        parser.add_argument("--tickets", type=int, default=SIZE, help=f"how many tickets (default {SIZE})")
        parser.add_argument("--seed", type=int, default=7, help="another seed is another world (default 7)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how long it took."""
        if not settings.DEMO:
            raise CommandError("Demo data is for development settings only: its password is published.")
        begun = time.monotonic()
        done = loader.load(say=self._say, seed=options["seed"], size=options["tickets"])
        if not done.tickets:
            self._say("the demo data is there already")
        else:
            self._say(f"demo data ready after {time.monotonic() - begun:.1f} s")

    def _say(self, line: str) -> None:
        self.stdout.write(f"demo: {line}")
        self.stdout.flush()
