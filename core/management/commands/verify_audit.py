"""`verify_audit`: recompute the chain and compare it with the anchors; names every bad row."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from core import audit


class Command(BaseCommand):
    """Exit status 0: whole. 1: broken, with one line for each fault."""

    help = "Verifies the hash chain of the audit log and its anchors."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the verdict."""
        faults = audit.verify()
        for fault in faults:
            self.stderr.write(f"link {fault.seq} (entry {fault.entry_id}): {fault.why}")
        count, digest = audit.head()
        if faults:
            self.stderr.write(f"The audit chain is broken in {len(faults)} places.")
            sys.exit(1)
        self.stdout.write(f"The audit chain is whole: {count} links, head {digest[:16] or 'none'}.")
