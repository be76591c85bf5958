"""`python -m bench.table [FOLDER]`: write results into docs/performance.md, so that no figure is typed by hand.

FOLDER holds NAME.json of each bench (default: VAR_DIR/bench). Each bench's table stands between its
markers; what is outside them is prose and stays. A bench without a result keeps the table it has.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "performance.md"
COLUMNS = ("", "n", "p50 ms", "p95 ms", "p99 ms", "per s", "SQL", "ratio", "spread")


def main(words: list[str]) -> int:
    """Write the tables; 0 when something was written, 1 when there was nothing to write."""
    folder = Path(words[0] if words else Path(os.environ.get("VAR_DIR") or ROOT / "var") / "bench")
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    if not results:
        print(f"There are no results in {folder}: `make bench` makes them.", file=sys.stderr)
        return 1
    text = DOCUMENT.read_text(encoding="utf-8")
    for result in results:
        text = replaced(text, result["name"], rendered(result))
    DOCUMENT.write_text(text, encoding="utf-8")
    print(f"{DOCUMENT}: {', '.join(result['name'] for result in results)}")
    return 0


def marks(name: str) -> tuple[str, str]:
    """Return the lines between which a bench's table stands."""
    return f"<!-- bench {name} -->", f"<!-- end of bench {name} -->"


def replaced(text: str, name: str, table: str) -> str:
    """Return `text` with this bench's table in its place; raises LookupError when the place is not there."""
    start, end = marks(name)
    before, has_start, rest = text.partition(start)
    _former, has_end, after = rest.partition(end)
    if not has_start or not has_end:
        message = f"There is no place for the bench {name!r}: {start} … {end}."
        raise LookupError(message)
    return f"{before}{start}\n{table}\n{end}{after}"


def rendered(result: dict[str, Any]) -> str:
    """Return one bench's results in Markdown."""
    machine = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    lines = [
        f"{result['at']}; BENCH_SIZE={result['size']}; {machine}.",
        "",
        _line(COLUMNS),
        _line(["---", *["---:"] * (len(COLUMNS) - 1)]),
        *(_line(_cells(row)) for row in result["results"]),
    ]
    lines += ["", _line(["target", "measured", "limit", "met"]), _line(["---", "---:", "---:", "---"])]
    for one in result["targets"]:
        sign = "≥" if one["is_least"] else "≤"
        lines.append(
            _line([one["name"], f"{one['value']:g}", f"{sign} {one['limit']:g}", "yes" if one["ok"] else "**no**"])
        )
    if result["floors"]:
        floors = "; ".join(f"{name}: {value:g}" for name, value in result["floors"].items())
        lines += ["", f"Beside them: {floors}."]
    return "\n".join(lines)


def _cells(row: dict[str, Any]) -> list[str]:
    def shown(value: float | None) -> str:
        return "" if value is None else f"{value:g}"

    times = [f"{row[name]:.2f}" for name in ("p50_ms", "p95_ms", "p99_ms")]
    rest = [shown(row[name]) for name in ("sql", "ratio", "spread")]
    return [row["label"], f"{row['n']:,}", *times, f"{row['per_s']:.1f}", *rest]


def _line(cells: "list[str] | tuple[str, ...]") -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
