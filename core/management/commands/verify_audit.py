"""`verify_audit`: recompute the chain and compare it with the anchors; names every bad row.

With `--begin-anchors-anew`, and a chain that is whole but for lost anchors, a new file is begun, which is an entry of
the audit log: what was cut off before cannot be seen any more.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import audit


class Command(BaseCommand):
    """Exit status 0: whole. 1: broken, with one line for each fault."""

    help = "Verifies the hash chain of the audit log and its anchors."

    def add_arguments(self, parser: CommandParser) -> None:
        """One switch, for whoever has lost the file."""
        parser.add_argument("--begin-anchors-anew", action="store_true", help="the anchors are lost: begin a new file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the verdict."""
        faults = audit.verify()
        if options["begin_anchors_anew"] and not audit.anchor_path().exists():
            faults = [fault for fault in faults if fault.why != audit.NONE]
            if not faults:
                self.stdout.write(f"New anchors begin at link {audit.anchor(begins_anew=True)}.")
        for fault in faults:
            self.stderr.write(f"link {fault.seq} (entry {fault.entry_id}): {fault.why}")
        count, digest = audit.head()
        if faults:
            self.stderr.write(f"The audit chain is broken in {len(faults)} places.")
            sys.exit(1)
        self.stdout.write(f"The audit chain is whole: {count} links, head {digest[:16] or 'none'}.")
