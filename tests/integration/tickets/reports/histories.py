"""Generated histories of cases, and what reports ought to say of them: read slowly, from the beginning, at each moment."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from accounts.models import Customer, Staff, Team
from tickets.models import Message, Ticket
from tickets.models.ticket import LEGAL_MOVES

DONE = {"resolved", "closed"}
CHANNELS = ("email", "chat", "web")


@dataclass
class Step:
    """One thing that happened."""

    at: datetime
    kind: str
    role: str = ""
    event: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    is_automatic: bool = False
    withdrawn_at: datetime | None = None


@dataclass
class History:
    """One case and everything that happened to it."""

    steps: list[Step]
    channel: str
    team: str | None
    priority: str = "normal"
    is_spam: bool = False
    ticket: Ticket | None = None

    def until(self, moment: datetime) -> list[Step]:
        return [step for step in self.steps if step.at <= moment]

    def value(self, name: str, moment: datetime, *, first: Any) -> Any:
        """Return what a property was at a moment."""
        found = first
        for step in self.until(moment):
            if step.event == f"{name}_changed":
                found = step.data["to"]
        return found

    def status(self, moment: datetime) -> str:
        return str(self.value("status", moment, first="new"))

    def counts(self, moment: datetime, team: str | None, priority: str | None) -> bool:
        """Whether it is in a report as of a moment."""
        if self.value("spam", moment, first=self.is_spam):
            return False
        if priority is not None and self.value("priority", moment, first=self.priority) != priority:
            return False
        return team is None or (self.value("team", moment, first=self.team) or "none") == team

    def resolutions(self, start: datetime, until: datetime) -> list[Step]:
        return [step for step in self.moves(start, until) if step.data["to"] in DONE]

    def moves(self, start: datetime, until: datetime) -> list[Step]:
        moves = [step for step in self.steps if step.event == "status_changed" and start <= step.at < until]
        return [step for step in moves if (step.data["to"] in DONE) != (step.data["from"] in DONE)]

    def is_answer(self, step: Step, as_of: datetime) -> bool:
        is_gone = step.withdrawn_at is not None and step.withdrawn_at <= as_of
        return step.kind == "reply" and step.role == "staff" and not step.is_automatic and not is_gone

    def first_answer(self, as_of: datetime) -> float | None:
        """Return after how many seconds the customer had an answer."""
        asked = next((s for s in self.steps if s.role == "requester" and not s.is_automatic), None)
        answers = [step for step in self.until(as_of) if self.is_answer(step, as_of)]
        if asked is None or not answers or answers[0].at < asked.at:
            return None
        return (answers[0].at - asked.at).total_seconds()

    def is_first_contact(self, last: Step, as_of: datetime) -> bool:
        if any(step.data["to"] not in DONE for step in self.moves(datetime.min.replace(tzinfo=last.at.tzinfo), as_of)):
            return False
        answers = [step for step in self.until(last.at) if self.is_answer(step, as_of) and step is not last]
        return self.channel == "chat" or len(answers) <= 1

    def whose(self, moment: datetime, as_of: datetime) -> str:
        """Return whose the time is right after a moment."""
        before = self.until(moment)
        people = [s for s in before if self.is_answer(s, as_of) or s.event in {"assignee_changed", "chat_accepted"}]
        if any(step.role == "bot" for step in self.steps) and not people:
            return "bot"
        status = self.status(moment)
        if status in DONE:
            return ""
        said = [s for s in before if self.is_answer(s, as_of) or (s.role == "requester" and not s.is_automatic)]
        if status == "pending" or (said and said[-1].role == "staff" and status != "on_hold"):
            return "customer"
        return "agent" if self.value("assignee", moment, first=None) else "queue"

    def split(self, last: Step, as_of: datetime) -> dict[str, float]:
        found = dict.fromkeys(("bot", "queue", "agent", "customer"), 0.0)
        times = [step.at for step in self.steps if step.at < last.at] + [last.at]
        for here, there in pairwise(times):
            if whose := self.whose(here, as_of):
                found[whose] += (there - here).total_seconds()
        return found


def made(chance: random.Random, *, now: datetime, teams: list[Team], staff: Staff) -> History:
    """Return one history of the last twelve days; not written yet."""
    at = now - timedelta(minutes=chance.randint(60, 12 * 24 * 60))
    ours = chance.random() < 0.1
    history = History([], chance.choice(CHANNELS), chance.choice([None, *[team.public_id for team in teams]]))
    history.is_spam = chance.random() < 0.1
    history.steps.append(Step(at, "reply", "staff" if ours else "requester", is_automatic=chance.random() < 0.05))
    has_bot = history.channel == "chat" and chance.random() < 0.5 and not ours
    state: dict[str, Any] = {"status": "new", "team": history.team, "priority": "normal", "spam": history.is_spam}
    state["assignee"] = None
    for number in range(chance.randint(0, 14)):
        at += timedelta(seconds=chance.randint(1, 20_000))
        if at >= now:
            break
        if has_bot and number == 0:
            history.steps.append(Step(at, "reply", "bot"))
        else:
            history.steps.append(_next(chance, at, state, teams, staff))
    return history


def _next(chance: random.Random, at: datetime, state: dict[str, Any], teams: list[Team], staff: Staff) -> Step:
    what = chance.choice(
        ["in", "in", "out", "out", "status", "status", "status", "assignee", "team", "priority", "spam"]
    )
    if what in {"in", "out"}:
        gone = at + timedelta(seconds=9) if what == "out" and chance.random() < 0.2 else None
        role = "requester" if what == "in" else "staff"
        return Step(at, "reply", role, is_automatic=chance.random() < 0.1, withdrawn_at=gone)
    values: dict[str, Callable[[], Any]] = {
        "status": lambda: chance.choice(sorted(LEGAL_MOVES[state["status"]]) or ["closed"]),
        "assignee": lambda: chance.choice([None, staff.public_id]),
        "team": lambda: chance.choice([None, *[team.public_id for team in teams]]),
        "priority": lambda: chance.choice(["low", "normal", "high"]),
        "spam": lambda: not state["spam"],
    }
    to = values[what]()
    before, state[what] = state[what], to
    data = {"from": before, "to": int(to) if what == "spam" else to}
    if what == "spam":
        del data["from"]
    if before == to:
        return Step(at, "note", "staff")
    return Step(at, "event", "system", event=f"{what}_changed", data=data)


def write(history: History, *, customer: Customer, staff: Staff, teams: list[Team]) -> None:
    """Write the case as it stands at its end, with everything that happened."""
    keys = {team.public_id: team for team in teams}
    end = history.steps[-1].at
    team = history.value("team", end, first=history.team)
    ticket = Ticket.objects.create(
        subject="A case",
        channel=history.channel,
        requester=customer,
        status=history.status(end),
        priority=history.value("priority", end, first=history.priority),
        team=keys[team] if team else None,
        is_spam=bool(history.value("spam", end, first=history.is_spam)),
        assignee=staff if history.value("assignee", end, first=None) else None,
        last_seq=len(history.steps),
        created_at=history.steps[0].at,
    )
    Message.objects.bulk_create(
        Message(
            ticket=ticket,
            seq=number,
            kind=step.kind,
            direction="in" if step.role == "requester" else "out",
            channel=history.channel,
            sender_role=step.role,
            staff=staff if step.role == "staff" else None,
            customer=customer if step.role == "requester" else None,
            event=step.event,
            event_data=step.data,
            is_automatic=step.is_automatic,
            withdrawn_at=step.withdrawn_at,
            created_at=step.at,
        )
        for number, step in enumerate(history.steps, start=1)
    )
    history.ticket = ticket
