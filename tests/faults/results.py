"""Results of faults: what is judged, and the JSON file."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core import audit
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder, Tally
from tickets.models import Message, Ticket


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
    # Filled in by whoever ran it.
    seconds: float = 0.0
    seed: int = 0
    at: str = ""


def judge(ground: Ground, recorder: Recorder, tally: Tally, remarks: list[str]) -> Result:
    """Sum up; `remarks` say what was seen, the ground's notes and what is found here say what went wrong."""
    wrong = [
        *ground.notes,
        *order_faults(recorder),
        *(f"audit chain: {why}" for why in chain_faults(has_own_anchors=ground.server is not None)),
        *(f"lost: number {number}" for number in tally.lost),
        *(f"twice: number {number}" for number in tally.duplicated if number not in tally.unknown),
        *(f"refused, but there: number {number}" for number in tally.ghosts),
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


def merged(one: Result, other: Result) -> Result:
    """Sum up two parts of one fault."""
    counted = ("acknowledged", "stored", "lost", "duplicated", "unknown")
    sums = {name: getattr(one, name) + getattr(other, name) for name in counted}
    return replace(one, ok=one.ok and other.ok, notes=[*one.notes, *other.notes], **sums)


def order_faults(recorder: Recorder) -> list[str]:
    """Return where the messages of this run's cases are not numbered 1, 2, 3 …"""
    marked = Message.objects.filter(text__contains=f"[{recorder.fault}/{recorder.run}/").values("ticket")
    faults = []
    for ticket in Ticket.objects.filter(pk__in=marked):
        for name, last in (("seq", ticket.last_seq), ("public_seq", ticket.last_public_seq)):
            numbered = ticket.messages.filter(**{f"{name}__isnull": False}).order_by(name)
            found = list(numbered.values_list(name, flat=True))
            if found != list(range(1, last + 1)):
                faults.append(f"ticket {ticket.number} has messages with {name} {found}, the last should be {last}")
    return faults


def chain_faults(*, has_own_anchors: bool) -> list[str]:
    """Return broken links of the audit chain; where copies share one anchor file, what it says of others does not count.

    Nor that there is none yet: a clock that is moved makes a chain old before its first round.
    """
    found = [fault.why for fault in audit.verify()]
    return [why for why in found if has_own_anchors or not (why.startswith("anchored") or why == audit.NONE)]


def write(result: Result, folder: Path) -> None:
    """Write ID.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{result.id}.json").write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
