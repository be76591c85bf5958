"""`make demo-reset`: deletes what a copy keeps in VAR_DIR, never while it runs and never anything else."""

import os
import shutil
import sys

from helpdesk.embedded import places
from helpdesk.embedded.places import Places
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher import lock

# What the product writes; other files in VAR_DIR may be the person's own.
KEPT_BY_US = (
    "postgres",
    "postgres.unfinished",
    "valkey",
    "media",
    "restricted",
    "postbox",
    "spool",
    "static",
    "anchors",
    "public",
    "sandbox",
    "log",
    "secrets",
)


def main() -> int:
    """Reset; 0 when done, 1 after one sentence when the copy runs."""
    where = places.from_environment()
    try:
        return reset(where)
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1


def reset(where: Places) -> int:
    """Delete this copy's data; raises SetupError when it runs. A server named by DATABASE_URL is left alone."""
    places.prepare(where)
    with lock.take(where):
        for name in KEPT_BY_US:
            shutil.rmtree(where.var_dir / name, ignore_errors=True)
    if where.sockets != where.run:
        shutil.rmtree(where.sockets, ignore_errors=True)
    shutil.rmtree(where.run, ignore_errors=True)
    print(f"The data in {where.var_dir} is gone; `make run` begins anew.")
    if os.environ.get("DATABASE_URL"):
        print("DATABASE_URL names a server of yours: drop and create that database yourself to empty it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
