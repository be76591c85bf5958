"""What processes hold in memory over time, and whether that grows; restarts neither hide a growth nor feign one.

A process that was restarted is small and grows while it warms up. So a moment counts for a role only when
every process of it has been up for a while, and beside the roles single lives are judged: whether the
process that lived longest is larger at its end than it was after its warm-up. A leak that restarts keep
cutting short shows there.
"""

import os
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

LIMIT = 1.1
# Shares of the whole length: of 30 minutes these are minutes 5 to 10 and the last 5.
BEFORE = (1 / 6, 1 / 3)
AFTER = (5 / 6, 1.0)
WARM_SHARE = 1 / 20
LEAST_LIFE_SHARE = 1 / 4
LEAST_SAMPLES = 5
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """One process at one moment; `life` is its pid and start, which no two processes share."""

    at_s: float
    role: str
    life: tuple[int, int]
    is_leader: bool
    age_s: float
    # Its share of what it has with others: the shares of a role add up to what the role takes.
    kb: int
    # All that it has, shared or not: its own growth, which no sibling's death feigns.
    whole_kb: int


@dataclass(frozen=True)
class Verdict:
    """Median memory before and after, of a role or of one long life; both are 0 when nothing could be compared."""

    what: str
    before_kb: float
    after_kb: float

    @property
    def ratio(self) -> float:
        """After ÷ before, 0 when there is nothing to compare."""
        return self.after_kb / self.before_kb if self.before_kb else 0.0

    @property
    def ok(self) -> bool:
        """Whether it grew by no more than the limit; what was never compared is for `unjudged` to find."""
        return self.ratio <= LIMIT

    @property
    def role(self) -> str:
        """The role that it is about."""
        return self.what.partition(",")[0]

    def __str__(self) -> str:
        """Say it in a few words."""
        if not self.before_kb:
            return f"{self.what}: not up long enough to compare"
        return f"{self.what}: {self.before_kb / 1024:.1f} → {self.after_kb / 1024:.1f} MB ({self.ratio:.3f})"


def sample(at_s: float, leaders: Mapping[str, int]) -> list[Sample]:
    """Measure every process below each role's leader now; one that is just ending is left out."""
    found = []
    uptime_s = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    for role, leader in leaders.items():
        for pid in tree(leader):
            try:
                started = int(_stat(pid)[19])
                kb, whole_kb = own_kb(pid), resident_kb(pid)
            except (OSError, IndexError):
                continue
            age_s = uptime_s - started / TICKS_PER_S
            found.append(Sample(at_s, role, (pid, started), pid == leader, age_s, kb, whole_kb))
    return found


def tree(leader: int) -> list[int]:
    """Return the process and everything below it."""
    found, fresh = [], [leader]
    while fresh:
        pid = fresh.pop()
        found.append(pid)
        try:
            listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        except OSError:
            continue
        fresh += [int(word) for word in listed.split()]
    return found


def own_kb(pid: int) -> int:
    """Return the proportional set size without shared memory, which is PostgreSQL's cache and fills by design."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, kb = line.split()[:2]
        sizes[name] = int(kb)
    return sizes["Pss:"] - sizes["Pss_Shmem:"]


def resident_kb(pid: int) -> int:
    """Return the resident set without shared memory."""
    sizes = {}
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name in ("RssAnon", "RssFile"):
            sizes[name] = int(value.split()[0])
    return sum(sizes.values())


def verdicts(samples: Iterable[Sample], length_s: float) -> list[Verdict]:
    """Judge every role as a whole, then the longest life of each role's leader and of its children."""
    every = list(samples)
    found = [_role(role, every, length_s) for role in dict.fromkeys(one.role for one in every)]
    for role, is_leader in dict.fromkeys((one.role, one.is_leader) for one in every):
        if role == "postgres":
            continue  # the first process holds next to nothing, and backends come and go with connections
        mine = [one for one in every if one.role == role and one.is_leader == is_leader]
        found.append(_longest_life(f"{role}, longest-lived {'process' if is_leader else 'child'}", mine, length_s))
    return found


def unjudged(found: Iterable[Verdict], roles: Iterable[str]) -> list[str]:
    """Return the roles of which nothing could be compared: neither the whole nor a single life."""
    judged = {one.role for one in found if one.before_kb}
    return [role for role in roles if role not in judged]


def _role(role: str, samples: list[Sample], length_s: float) -> Verdict:
    """Compare the role's sum in both windows, at moments when all of it was warm."""
    moments: dict[float, list[Sample]] = {}
    for one in samples:
        if one.role == role:
            moments.setdefault(one.at_s, []).append(one)
    # Backends come and go with connections: their mean is what can grow.
    warm = {
        at_s: sum(one.kb for one in tree) / (len(tree) if role == "postgres" else 1)
        for at_s, tree in moments.items()
        if role == "postgres" or min(one.age_s for one in tree) >= WARM_SHARE * length_s
    }
    windows = [
        [kb for at_s, kb in warm.items() if start * length_s <= at_s <= end * length_s]
        for start, end in (BEFORE, AFTER)
    ]
    return _verdict(role, *windows)


def _longest_life(what: str, samples: list[Sample], length_s: float) -> Verdict:
    lives: dict[tuple[int, int], list[Sample]] = {}
    for one in samples:
        lives.setdefault(one.life, []).append(one)
    longest = max(lives.values(), key=lambda life: life[-1].at_s - life[0].at_s)
    # Before the load there is nothing to compare with: what ran already is warm when the load has been on for a while.
    start, end = longest[0].at_s, longest[-1].at_s
    if end - start < LEAST_LIFE_SHARE * length_s:
        return Verdict(what, 0, 0)
    warm = start + WARM_SHARE * length_s
    part = (end - warm) / 4
    return _verdict(
        what,
        [one.whole_kb for one in longest if warm <= one.at_s <= warm + part],
        [one.whole_kb for one in longest if one.at_s >= end - part],
    )


def _verdict(what: str, before: list[float], after: list[float]) -> Verdict:
    if min(len(before), len(after)) < LEAST_SAMPLES:
        return Verdict(what, 0, 0)
    return Verdict(what, statistics.median(before), statistics.median(after))


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on (proc(5))."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
