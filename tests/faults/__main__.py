"""`python -m tests.faults [ID …]`: break things on purpose, many rounds with real waiting.

Results go to VAR_DIR/faults/ID.json, what was asked and answered to ID.log beside it.
"""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from tests.faults.catalogue import CHOSEN_NAME, FAULTS, FOLDER_NAME, ROUNDS, ROUNDS_NAME, SEED_NAME

ROOT = Path(__file__).parents[2]
COLUMNS = ("id", "rounds", "acknowledged", "stored", "lost", "duplicated", "unknown", "ok", "seconds")


def main(words: list[str]) -> int:
    """Run the faults named, all without a name; 0 when every one ended well, 2 for a wrong call."""
    words = [name for word in words for name in word.replace(",", " ").split()]
    unknown = [word for word in words if word not in FAULTS]
    if unknown:
        print(f"There is no fault {unknown[0]!r}; there are: {', '.join(FAULTS)}.", file=sys.stderr)
        return 2
    chosen = words or list(FAULTS)
    rounds = os.environ.get(ROUNDS_NAME) or str(ROUNDS)
    if not rounds.isdecimal() or int(rounds) < 1:
        print(f"{ROUNDS_NAME} must be a whole number from 1, not {rounds!r}.", file=sys.stderr)
        return 2
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve() / "faults"
    seed = os.environ.get(SEED_NAME) or str(secrets.randbelow(10**6))
    for name in chosen:
        for suffix in ("json", "log"):
            (folder / f"{name}.{suffix}").unlink(missing_ok=True)
    print(f"{rounds} rounds of {', '.join(chosen)}, seed {seed}", flush=True)
    given = {CHOSEN_NAME: ",".join(chosen), ROUNDS_NAME: rounds, SEED_NAME: seed, FOLDER_NAME: str(folder)}
    command = [sys.executable, "-m", "pytest", "-q", "--timeout=0", "tests/faults/test_faults.py"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | given, check=False)
    _show(folder, chosen)
    return done.returncode


def _show(folder: Path, chosen: list[str]) -> None:
    print("".join(f"{column:>14}" for column in COLUMNS))
    for name in chosen:
        path = folder / f"{name}.json"
        if not path.exists():
            print(f"{name:>14}  no result: see above")
            continue
        found = json.loads(path.read_text(encoding="utf-8"))
        print("".join(f"{found[column]!s:>14}" for column in COLUMNS))
        for note in found["notes"]:
            print(f"{'':16}{note}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
