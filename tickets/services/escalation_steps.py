"""Taking one step of a run, behind its ticket's lock: what it does, what is written down, and when the next is due."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.utils import InterfaceError, OperationalError

from accounts.models import Staff, Team
from core import audit
from core.clock import from_now
from tickets import effects
from tickets.escalation import steps as plain
from tickets.escalation.steps import Step
from tickets.escalation.vocabulary import Action, After, Outcome, State
from tickets.models import EscalationHook, EscalationRun, EscalationStepRecord, Ticket
from tickets.models.ticket import DONE
from tickets.selectors import escalation_targets as targets
from tickets.services import errors, escalation_notices, escalations, following, properties, timeline

# A run takes one step at a time, so that one that is late does not take all of them at once.
PAUSE = timedelta(seconds=1)
# While a clock is paused nobody of ours has to act: it is looked at again.
LOOK_AGAIN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a step: whom or what it names, and since when somebody has been told (None: nobody was)."""

    outcome: Outcome
    people: list[Staff] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)
    told_at: datetime | None = None


NOTHING = Came(Outcome.SKIPPED)


def take(*, run: EscalationRun, ticket: Ticket, now: datetime) -> bool:
    """Take the run's next step; False when it ended instead, or waits. The ticket is locked, the run due."""
    if _is_over(run, ticket):
        escalations.cancel(run=run, ticket=ticket)
        return False
    if run.clock is not None and run.clock.runs_since is None and run.clock.breached_at is None:
        _move(run, fires_at=from_now(LOOK_AGAIN))
        return False
    steps = run.plain_steps()
    step = steps[run.next_step]
    due_at = run.fires_at or now
    came = _attempt(run, ticket, step, now)
    _write_down(run, ticket, step, came, due_at)
    _go_on(run, steps, came, now)
    return True


def _is_over(run: EscalationRun, ticket: Ticket) -> bool:
    """Whether nobody needs it any more; a clock tells of being met, and of nothing else that ends it."""
    if ticket.status in DONE or ticket.is_spam:
        return True
    clock = run.clock
    if clock is None:
        return False
    return clock.met_at is not None or clock.ended_at is not None or clock.started_at > run.started_at


def _attempt(run: EscalationRun, ticket: Ticket, step: Step, now: datetime) -> Came:
    """Do it; one that fails keeps the next from nothing."""
    try:
        with transaction.atomic():
            return ACTS[Action(step.action)](run, ticket, step, now)
    except errors.Refused:
        return NOTHING
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        log.exception("escalation_step_failed", run=run.pk, step=run.next_step)
        return Came(Outcome.FAILED)


def _write_down(run: EscalationRun, ticket: Ticket, step: Step, came: Came, due_at: datetime) -> None:
    EscalationStepRecord.objects.create(
        run=run, position=run.next_step, action=step.action, outcome=came.outcome, due_at=due_at
    )
    detail: dict[str, str | int | None] = {
        "action": step.action, "outcome": came.outcome.value, "step": run.next_step + 1, **came.data
    }  # fmt: skip
    people = ",".join(one.public_id for one in came.people)
    # What has moved the ticket meanwhile has numbered its own events on a row of its own.
    locked = timeline.lock(ticket)
    timeline.append_event(locked, "escalation_step", detail | ({"people": people} if people else {}))
    audit.record("ticket.escalation_step", actor=audit.SYSTEM, obj=("ticket", ticket.public_id), detail=detail)


def _go_on(run: EscalationRun, steps: list[Step], came: Came, now: datetime) -> None:
    """Say when the next step is due; behind a step that told nobody one that waits for an answer does not wait."""
    # The step itself may have ended its clock, or made it missed.
    fresh = EscalationRun.objects.get(pk=run.pk)
    following = run.next_step + 1
    if fresh.state != State.RUNNING:
        _move(run, next_step=following)
        return
    if following == len(steps):
        _move(run, next_step=following, fires_at=None, state=State.DONE)
        return
    nxt = steps[following]
    fresh.told_at = came.told_at or run.told_at or now
    due = now if came.told_at is None and nxt.after == After.PREVIOUS else plain.due(nxt, fresh.marks())
    fires = max(due, now + PAUSE) if due is not None else None
    _move(run, next_step=following, told_at=fresh.told_at, fires_at=fires)


def _move(run: EscalationRun, **values: object) -> None:
    EscalationRun.objects.filter(pk=run.pk).update(**values)


def _tell_by(*kinds: str) -> Callable[[EscalationRun, Ticket, Step, datetime], Came]:
    def tell(run: EscalationRun, ticket: Ticket, step: Step, now: datetime) -> Came:
        told = targets.told(step, ticket, run.chain, now)
        if not told:
            return NOTHING
        storm = escalation_notices.storm_of(run)
        escalation_notices.owe(run=run, storm=storm, told=told, kinds=kinds)
        first = min(one.at for one in told)
        outcome = Outcome.GATHERED if storm else Outcome.HELD if first > now else Outcome.DONE
        return Came(outcome, [one.person for one in told], {}, first)

    return tell


def _call_hook(run: EscalationRun, ticket: Ticket, step: Step, now: datetime) -> Came:
    hook = EscalationHook.objects.filter(pk=step.hook, is_active=True).first()
    if hook is None:
        return NOTHING
    storm = escalation_notices.storm_of(run)
    at = targets.held(step, run.chain, now)
    escalation_notices.owe_to_hook(run=run, storm=storm, hook=hook, at=at)
    outcome = Outcome.GATHERED if storm else Outcome.HELD if at > now else Outcome.DONE
    return Came(outcome, [], {"hook": hook.public_id}, at)


def _raise_priority(_run: EscalationRun, ticket: Ticket, step: Step, now: datetime) -> Came:
    data = {"priority": step.priority}
    if targets.ORDER.index(ticket.priority) >= targets.ORDER.index(step.priority):
        return Came(Outcome.SKIPPED, [], data, now)
    properties.set_priority(ticket=ticket, to=step.priority, by=None)
    return Came(Outcome.DONE, [], data, now)


def _reassign(_run: EscalationRun, ticket: Ticket, step: Step, now: datetime) -> Came:
    if step.team:
        team = Team.objects.filter(pk=step.team).first()
        if team is None or ticket.team_id == team.pk:
            return NOTHING
        properties.move_to_team(ticket=ticket, to=team, by=None)
        properties.assign(ticket=ticket, to=None, by=None)
        effects.assignment_due()
        return Came(Outcome.DONE, [], {"team": team.public_id}, now)
    person = Staff.objects.filter(pk=step.staff).first()
    if person is None or ticket.assignee_id == person.pk:
        return NOTHING
    properties.assign(ticket=ticket, to=person, by=None)
    return Came(Outcome.DONE, [person], {}, now)


def _follow(_run: EscalationRun, ticket: Ticket, step: Step, now: datetime) -> Came:
    person = Staff.objects.filter(pk=step.staff).first()
    if person is None or not targets.may_see(person, ticket):
        return NOTHING
    is_new = following.follow(ticket=ticket, person=person, by=None)
    return Came(Outcome.DONE if is_new else Outcome.SKIPPED, [person], {}, now)


ACTS: dict[Action, Callable[[EscalationRun, Ticket, Step, datetime], Came]] = {
    Action.PAGE: _tell_by("page"),
    Action.MAIL: _tell_by("mail"),
    Action.PUSH: _tell_by("push"),
    Action.ON_CALL: _tell_by("page", "mail", "push"),
    Action.HOOK: _call_hook,
    Action.PRIORITY: _raise_priority,
    Action.REASSIGN: _reassign,
    Action.FOLLOW: _follow,
}
