"""`python -m bench [NAME …]`: run benches, print a table each, write VAR_DIR/bench/NAME.json."""

import importlib
import os
import sys
from pathlib import Path

NAMES = {
    "intake": "stored mail to visible ticket in one process, beside parsing with the standard library and one INSERT",
    "queue": "the desk's queue page and the API's list, beside a bare list of 50 rows",
    "live": "a committed reply to the other agent's socket, through the running system",
    "desks": "what a message costs the socket server that fifty desks are open at",
    "chat": "a thousand visitors and fifty agents: stored, shown, all back at once, first visit",
    "fund-action": "an agent's request to the exchange having done it, beside one INSERT; racing executions; a freeze",
    "assign": "eight workers that give what waits to who is free: claims a second, none double, fair",
    "sla": "a sweep of what is due among many open clocks and few; warnings and breaches a second; reckoning anew",
    "escalation": "a sweep of steps that are due among many open runs and few; steps a second",
    "reports": "each section of a report of 30 days, as of now and as of a week ago, and the cases behind a figure",
    "webhooks": "signed events of a vendor, acknowledged by one web process and handled to tickets by one worker",
    "kb": "the help centre's search page in five languages, beside plain full text",
    "search": "the desk's search for rare and common words, identifiers and operators, beside the same words in SQL",
    "bulk": "a bulk change of 10,000 tickets and its undo, beside one UPDATE of as many rows",
    "load": "the bulk loader that makes the tickets of the others",
}
SIZE_NAME = "BENCH_SIZE"
# Benches measure a database of this many tickets and one of a tenth.
DEFAULT_SIZE = 100_000


def main(words: list[str]) -> int:
    """Run the benches named, all without a name; 0 when every target was met, 1 when not, 2 for a wrong call."""
    unknown = [word for word in words if word not in NAMES]
    if unknown:
        print(f"There is no bench {unknown[0]!r}; there are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    size = os.environ.get(SIZE_NAME) or str(DEFAULT_SIZE)
    if not size.isdecimal() or int(size) < 100:
        print(f"{SIZE_NAME} must be a whole number of tickets from 100, not {size!r}.", file=sys.stderr)
        return 2
    results = Path(os.environ.get("VAR_DIR") or Path(__file__).parents[1] / "var").resolve() / "bench"
    # Benches pay for durability what production pays; the session reads this when it starts the stores.
    os.environ["PHAROS_TEST_DURABLE"] = "1"
    from bench import ground, report  # noqa: PLC0415 -- starts the session, which a wrong call must not

    all_met = True
    with ground.stores() as stores:
        for name in words or NAMES:
            measured = importlib.import_module(f"bench.{name.replace('-', '_')}").measure(stores, int(size))
            report.write(measured, results)
            all_met = all_met and measured.all_met
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
