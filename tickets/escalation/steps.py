"""Steps of a chain as a run keeps them, and when each is due."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from tickets.escalation.vocabulary import TELLING, Action, After


@dataclass(frozen=True, slots=True)
class Step:
    """One step; the targets are primary keys, 0 for none. `minutes` count from `after`."""

    action: str
    after: str
    minutes: int = 0
    is_urgent: bool = False
    staff: int = 0
    team: int = 0
    schedule: int = 0
    hook: int = 0
    priority: str = ""
    to_assignee: bool = False

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """Return the step that a run has kept."""
        return cls(**kept)

    def kept(self) -> dict[str, Any]:
        """Return what a run keeps."""
        return asdict(self)

    @property
    def tells(self) -> bool:
        """Whether it tells somebody."""
        return Action(self.action) in TELLING


@dataclass(frozen=True, slots=True)
class Marks:
    """The moments that steps count from: None for what has not come about. `previous`: of the step before."""

    warned_at: datetime | None
    breached_at: datetime | None
    previous: datetime | None = None

    @property
    def begun_at(self) -> datetime | None:
        """Return when a warning would have been: that of a promise which was missed unwarned is its breach."""
        return self.warned_at or self.breached_at


def due(step: Step, marks: Marks) -> datetime | None:
    """Return when a step is due; None as long as what it counts from has not come about."""
    base = {After.WARNED: marks.begun_at, After.BREACHED: marks.breached_at, After.PREVIOUS: marks.previous}
    found = base[After(step.after)]
    if found is None and step.after == After.PREVIOUS:
        found = marks.begun_at
    return found + timedelta(minutes=step.minutes) if found is not None else None
