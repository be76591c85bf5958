"""The dry run: what a chain would do when and to whom, if nobody acknowledged. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Staff, Team
from tickets.escalation import steps as plain
from tickets.escalation.steps import Marks, Step
from tickets.escalation.vocabulary import Action, After
from tickets.models import EscalationChain, EscalationHook, Ticket
from tickets.models.ticket import Priority
from tickets.selectors import escalation_chains, escalation_wording
from tickets.selectors import escalation_targets as targets
from tickets.selectors.escalation_chains import About


@dataclass(frozen=True, slots=True)
class Wish:
    """A ticket by its number (0: one that is only thought of), and when it is warned of and missed."""

    number: int
    priority: str
    team: Team | None
    metric: str
    warned_at: datetime
    breached_at: datetime


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step: when it is taken, what it does and to whom; `heard_at` where it is held longer, None for nobody."""

    at: datetime
    text: str
    heard_at: datetime | None
    is_nobody: bool
    is_urgent: bool
    after: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen; `chain` is empty where none fits."""

    chain: str
    ticket: str
    steps: tuple[StepShown, ...]
    is_known: bool = True


def of(wish: Wish, person: Staff) -> Plan:
    """Return what would happen to a ticket that `person` may see, or to one that is only thought of."""
    ticket = _ticket(wish, person)
    if ticket is None:
        return Plan("", f"#{wish.number}", (), is_known=False)
    policy = ticket.sla_version.policy_id if ticket.sla_version else None
    about = About.of(ticket, metric=wish.metric, policy=policy)
    chain = escalation_chains.fitting(about)
    named = f"#{ticket.number}" if ticket.pk else ""
    return Plan(chain.name if chain else "", named, tuple(_steps(chain, ticket, wish)) if chain else ())


def _ticket(wish: Wish, person: Staff) -> Ticket | None:
    if wish.number:
        seen = Ticket.objects.visible_to(person).select_related("sla_version", "assignee")
        return seen.filter(number=wish.number).first()
    return Ticket(priority=wish.priority, team=wish.team)


def _steps(chain: EscalationChain, ticket: Ticket, wish: Wish) -> list[StepShown]:
    found: list[StepShown] = []
    told_at: datetime | None = None
    at = wish.warned_at
    is_heard = True
    for step in escalation_chains.steps_of(chain):
        due = plain.due(step, Marks(wish.warned_at, wish.breached_at, told_at))
        # Each waits for the one before; behind one that told nobody nothing is waited for.
        at = at if due is None or (not is_heard and step.after == After.PREVIOUS) else max(at, due)
        name, heard_at, is_heard = _whom(step, ticket, chain, at)
        told_at = heard_at or at
        found.append(
            StepShown(
                at=at,
                text=escalation_wording.plan(step.action, name),
                heard_at=heard_at if heard_at and heard_at > at else None,
                is_nobody=not is_heard,
                is_urgent=step.is_urgent,
                after=str(escalation_wording.AFTER[After(step.after)]),
                minutes=step.minutes,
            )
        )
    return found


def _whom(step: Step, ticket: Ticket, chain: EscalationChain, at: datetime) -> tuple[str, datetime | None, bool]:
    """Return whom or what a step names, since when somebody would know, and whether anybody would."""
    if step.action == Action.HOOK:
        hook = EscalationHook.objects.filter(pk=step.hook, is_active=True).first()
        return (hook.name if hook else ""), targets.held(step, chain, at), hook is not None
    if step.tells:
        told = targets.told(step, ticket, chain, at)
        names = ", ".join(one.person.name for one in told)
        return names, min((one.at for one in told), default=None), bool(told)
    if step.priority:
        return str(Priority(step.priority).label), None, True
    if step.team:
        return ", ".join(Team.objects.filter(pk=step.team).values_list("name", flat=True)), None, True
    return ", ".join(Staff.objects.filter(pk=step.staff).values_list("name", flat=True)), None, True
