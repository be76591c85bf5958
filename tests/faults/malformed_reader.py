"""`python -m tests.faults.malformed_reader SEED FIRST BEHIND`: reads the letters of these numbers; prints verdicts.

A process of its own, without the product's settings, with as much memory as the product gives to a mail it suspects.
"""

import json
import resource
import sys
from dataclasses import asdict

from tests.corpus.fuzz import Verdicts, letter

MEMORY_BYTES = 1024 * 1024 * 1024


def main(seed: str, first: int, behind: int) -> None:
    """Write one JSON object."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    verdicts = Verdicts()
    for number in range(first, behind):
        verdicts.judge(letter(seed, number))
    json.dump(asdict(verdicts), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
