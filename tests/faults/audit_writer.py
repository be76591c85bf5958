"""`python -m tests.faults.audit_writer`: records a change for each mark on its input, and says when it is committed.

A process of its own, to be killed; a change has many entries, so that most of its time is within the transaction.
"""

import sys

import django
from django.db import transaction

from core import audit

ACTION = "fault.appended"
ENTRIES = 20


def main() -> None:
    """Go on until the input ends."""
    django.setup()
    for line in sys.stdin:
        mark = line.strip()
        with transaction.atomic():
            for number in range(ENTRIES):
                audit.record(ACTION, actor=audit.SYSTEM, obj=("fault", mark), detail={"n": number})
        print("committed", flush=True)


if __name__ == "__main__":
    main()
