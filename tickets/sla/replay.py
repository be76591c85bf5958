"""What would have become of a case's promises under other terms: its past, told again to clocks that only now begin."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from tickets.sla.case_clocks import CaseClocks, Terms
from tickets.sla.clock import Clock


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that happened: `what` is asked, answered, moved or priority; the last two from `before` to `to`."""

    at: datetime
    what: str
    before: str = ""
    to: str = ""


def replay(
    terms_of: Callable[[str], Terms], *, priority: str, is_asked: bool, past: Iterable[Past], until: datetime
) -> list[Clock]:
    """Return the clocks of a case as they would stand at `until`; the first of its `past` opened it."""
    status = "new"
    case = CaseClocks(terms_of(priority))
    for number, step in enumerate(past):
        if number == 0:
            case.opened(step.at, status=status, is_asked=is_asked)
        elif step.what == "asked":
            case.asked(step.at, status=status)
        elif step.what == "answered":
            case.answered(step.at, status=status, seq=number)
        elif step.what == "moved":
            status = step.to
            case.moved(step.at, before=step.before, to=status)
        elif step.what == "priority":
            case.retermed(step.at, terms_of(step.to), status=status)
    for clock in case.clocks:
        clock.notice(until)
    return case.clocks
