"""What was asked and what was answered, by uniquely numbered messages; and what of it was found in the end."""

import itertools
import json
import os
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.catalogue import FOLDER_NAME


@dataclass(frozen=True)
class Tally:
    """The sum of one fault: `lost` were acknowledged and are not there, `duplicated` are there too often.

    `ghosts` were refused and are there all the same.
    """

    acknowledged: int
    stored: int
    lost: tuple[int, ...]
    duplicated: tuple[int, ...]
    unknown: tuple[int, ...]
    ghosts: tuple[int, ...]


@dataclass
class Recorder:
    """One log of invoke, ok, fail and unknown; safe for threads. A number's last entry is its outcome, and an
    acknowledgement is final: what one door took must be there, whatever another said of it.

    `make faults` keeps it as FAULT.log beside the result, one JSON line an entry.
    """

    fault: str
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    log: list[tuple[str, int, str]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept_in: Path | None = None
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Keep the log in a file where somebody will want to read it."""
        if folder := os.environ.get(FOLDER_NAME):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._kept_in = Path(folder) / f"{self.fault}.log"

    def invoke(self, what: str) -> int:
        """Note that something is being asked; returns its number, which no other ever has."""
        with self._lock:
            number = next(self._numbers)
        self._note("invoke", number, what)
        return number

    def ok(self, number: int) -> None:
        """It was acknowledged."""
        self._note("ok", number, "")

    def fail(self, number: int, why: str) -> None:
        """It was refused: it must not be there, and nobody minds."""
        self._note("fail", number, why)

    def unknown(self, number: int, why: str) -> None:
        """Nobody knows: the answer was lost."""
        self._note("unknown", number, why)

    def mark(self, number: int) -> str:
        """Return what a text carries to be found again."""
        return f"[{self.fault}/{self.run}/{number:05d}]"

    def found(self, texts: Iterable[str]) -> "Counter[int]":
        """Count the marks of this run in texts."""
        pattern = re.compile(re.escape(f"[{self.fault}/{self.run}/") + r"(\d{5})\]")
        return Counter(int(match[1]) for text in texts for match in pattern.finditer(text))

    def outcomes(self) -> dict[int, str]:
        """Return each number's outcome; what was never answered is unknown."""
        with self._lock:
            last: dict[int, str] = {}
            for what, number, _why in self.log:
                if last.get(number) != "ok":
                    last[number] = what
        return {number: "unknown" if what == "invoke" else what for number, what in last.items()}

    def tally(self, stored: Mapping[int, int], *, expected: Mapping[int, int] | None = None) -> Tally:
        """Compare what was acknowledged with how often each number is `stored` (once, unless `expected` says)."""
        outcomes = self.outcomes()
        wanted = dict.fromkeys(outcomes, 1) | dict(expected or {})
        acknowledged = [number for number, what in outcomes.items() if what == "ok"]
        return Tally(
            acknowledged=len(acknowledged),
            stored=sum(1 for count in stored.values() if count),
            lost=tuple(number for number in acknowledged if stored.get(number, 0) < wanted[number]),
            duplicated=tuple(number for number, count in sorted(stored.items()) if count > wanted.get(number, 0)),
            unknown=tuple(number for number, what in outcomes.items() if what == "unknown"),
            ghosts=tuple(number for number, what in outcomes.items() if what == "fail" and stored.get(number)),
        )

    def _note(self, what: str, number: int, why: str) -> None:
        with self._lock:
            self.log.append((what, number, why))
            if self._kept_in is not None:
                entry = {"s": round(time.monotonic() - self._began, 3), "what": what, "number": number, "why": why}
                with self._kept_in.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry) + "\n")
