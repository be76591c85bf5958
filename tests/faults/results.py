"""Results of faults: the JSON file and the line of the table."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.ground import Ground
from tests.faults.recorder import Recorder, Tally


@dataclass(frozen=True)
class Result:
    """One fault's outcome; `ok` means nothing lost, nothing twice, order and chain whole, nothing noted as wrong."""

    id: str
    rounds: int
    acknowledged: int
    stored: int
    lost: int
    duplicated: int
    unknown: int
    ok: bool
    notes: list[str]


def judge(ground: Ground, recorder: Recorder, tally: Tally, remarks: list[str]) -> Result:
    """Sum up; `remarks` say what was seen, the ground's notes and what is found here say what went wrong."""
    wrong = [
        *ground.notes,
        *ground.order_faults(recorder),
        *(f"audit chain: {why}" for why in ground.chain_faults()),
        *(f"lost: number {number}" for number in tally.lost),
        *(f"twice: number {number}" for number in tally.duplicated if number not in tally.unknown),
    ]
    return Result(
        id=recorder.fault,
        rounds=ground.rounds,
        acknowledged=tally.acknowledged,
        stored=tally.stored,
        lost=len(tally.lost),
        duplicated=len(tally.duplicated),
        unknown=len(tally.unknown),
        ok=not wrong,
        notes=[*wrong, *remarks],
    )


def write(result: Result, folder: Path) -> None:
    """Write ID.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{result.id}.json").write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
