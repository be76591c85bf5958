"""Results: percentiles, targets, the table and the JSON file."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Row:
    """One thing measured. `ratio`: to the floor of the same run; `spread`: (max − min) ÷ median over the rounds."""

    label: str
    n: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    per_s: float
    sql: int | None = None
    ratio: float | None = None
    spread: float | None = None


@dataclass(frozen=True)
class Target:
    """One promise: `value` must not be above (or, for `is_least`, below) `limit`."""

    name: str
    value: float
    limit: float
    is_least: bool = False

    @property
    def ok(self) -> bool:
        """Whether it is kept."""
        return self.value >= self.limit if self.is_least else self.value <= self.limit


@dataclass
class Measured:
    """One bench's results."""

    name: str
    size: int
    floors: dict[str, float] = field(default_factory=dict)
    results: list[Row] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    @property
    def all_met(self) -> bool:
        """Whether every target was met."""
        return all(target.ok for target in self.targets)


def row(label: str, rounds: Sequence[Sequence[float]], *, sql: int | None = None, ratio: float | None = None) -> Row:
    """Sum up milliseconds measured in rounds; `per_s` is the median round's rate of calls one after the other."""
    every = sorted(ms for one in rounds for ms in one)
    rates = [1000 * len(one) / sum(one) for one in rounds if one]
    middle = statistics.median(rates)
    return Row(
        label,
        len(every),
        percentile(every, 50),
        percentile(every, 95),
        percentile(every, 99),
        round(middle, 1),
        sql,
        None if ratio is None else round(ratio, 3),
        round((max(rates) - min(rates)) / middle, 3),
    )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the nearest-rank percentile of sorted values, in three decimals."""
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 3)


def machine() -> dict[str, str | int | float]:
    """Describe where this ran; the load tells how far the figures can be trusted."""
    models = [line for line in _CPU_INFO.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
    return {
        "processor": models[0].partition(":")[2].strip() if models else platform.processor(),
        "cpus": os.cpu_count() or 0,
        "load_1m": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def write(measured: Measured, folder: Path) -> None:
    """Print the table and write NAME.json."""
    folder.mkdir(parents=True, exist_ok=True)
    where = folder / f"{measured.name}.json"
    where.write_text(json.dumps(_document(measured), indent=1) + "\n", encoding="utf-8")
    print(f"\n{measured.name} (BENCH_SIZE={measured.size}, load {machine()['load_1m']})")
    print(f"{'':44}{'n':>6}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'per s':>10}{'SQL':>5}{'ratio':>8}{'spread':>8}")
    for one in measured.results:
        cells = (_cell(one.sql), _cell(one.ratio), _cell(one.spread))
        print(
            f"{one.label:44}{one.n:>6}{one.p50_ms:>10.2f}{one.p95_ms:>10.2f}{one.p99_ms:>10.2f}{one.per_s:>10.1f}"
            f"{cells[0]:>5}{cells[1]:>8}{cells[2]:>8}"
        )
    for target in measured.targets:
        sign = "≥" if target.is_least else "≤"
        verdict = "met" if target.ok else "NOT MET"
        print(f"  {verdict:8} {target.name}: {target.value:g} {sign} {target.limit:g}")
    print(f"  written to {where}")


def _document(measured: Measured) -> dict[str, object]:
    return {
        "name": measured.name,
        "machine": machine(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "size": measured.size,
        "floors": measured.floors,
        "results": [asdict(one) for one in measured.results],
        "targets": [
            {"name": one.name, "value": one.value, "limit": one.limit, "is_least": one.is_least, "ok": one.ok}
            for one in measured.targets
        ],
    }


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
