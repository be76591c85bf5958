"""`python -m bench.fill TICKETS`: put believable tickets into the demo copy of VAR_DIR, beside what is there."""

import sys

import psycopg

from bench import loader
from helpdesk.embedded import keys, places

OWNER = "pharos_owner"
MOST = 5_000_000


def main(words: list[str]) -> int:
    """Fill; 0 when done, 1 with one sentence when the copy cannot be reached, 2 for a wrong call."""
    if len(words) != 1 or not words[0].isdecimal() or not 0 < int(words[0]) <= MOST:
        print(f"TICKETS must be a whole number from 1 to {MOST:,}.", file=sys.stderr)
        return 2
    where = places.from_environment()
    url = keys.read_private(where.environment_file).get("DATABASE_OWNER_URL", "")
    if not url:
        print(f"There is no copy in {where.var_dir}: `make run` makes one.", file=sys.stderr)
        return 1
    try:
        with psycopg.connect(url, autocommit=True, options=f"-c role={OWNER} -c timezone=UTC") as owner:
            loader.fill(owner, int(words[0]), say=_say)
    except (psycopg.OperationalError, LookupError) as error:
        print(f"The copy in {where.var_dir} cannot be filled: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
