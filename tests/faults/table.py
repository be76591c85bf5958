"""`python -m tests.faults.table`: brings the table of docs/reliability.md in step with VAR_DIR/faults/*.json.

What each fault is and what is expected stands in the catalogue, what came of it in the result files; nothing
of the table is typed. A fault without a result file keeps the result that the table shows.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.catalogue import FAULTS, ROUNDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
HEAD = ("| id | fault | expected | result |", "|---|---|---|---|")
NO_RESULT = "not measured yet"


def main() -> int:
    """Write the page; returns 0."""
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve() / "faults"
    results = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    return 0


def rendered(page: str, results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page with the table between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    former, _, after = rest.partition(END)
    shown = dict(re.findall(r"^\| (\w+) \|.*\| (.*) \|$", former, re.MULTILINE))
    rows = [
        f"| {name} | {fault.what} | {fault.expected} | {_result(results.get(name)) or shown.get(name, NO_RESULT)} |"
        for name, fault in sorted(FAULTS.items(), key=_by_number)
    ]
    return f"{before}{BEGIN}\n{chr(10).join([*HEAD, *rows])}\n{END}{after}"


def _by_number(entry: tuple[str, object]) -> tuple[str, int]:
    letter, number = re.fullmatch(r"([A-Z])(\d+)", entry[0]).groups()  # type: ignore[union-attr]
    return letter, int(number)


def _result(found: Mapping[str, Any] | None) -> str:
    """Return one cell: the verdict, the sums, and what was seen beside; a shorter run says what it is."""
    if found is None:
        return ""
    rounds = f", {found['rounds']} round{'' if found['rounds'] == 1 else 's'}"
    if found["rounds"] < ROUNDS:
        rounds = f" in {found['rounds']} of {ROUNDS} rounds,"
    verdict = "held" if found["ok"] else "**broken**"
    sums = ", ".join(f"{name} {found[name]}" for name in ("acknowledged", "stored", "lost", "duplicated", "unknown"))
    notes = "; ".join(str(note).replace("|", "/").replace("\n", " ") for note in found["notes"][:6])
    day = str(found.get("at", ""))[:10]
    return f"{verdict}{rounds} in {found.get('seconds', 0):.0f} s{f' ({day})' if day else ''}: {sums}. {notes}".strip()


if __name__ == "__main__":
    sys.exit(main())
