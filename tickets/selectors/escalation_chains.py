"""Which chain is for which ticket. Read once for a whole sweep, and before anything else: no chain, no more cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tickets.escalation.steps import Step
from tickets.models import EscalationChain, Ticket

_kept: ContextVar["list[EscalationChain] | None"] = ContextVar("escalation_chains", default=None)
_is_keeping: ContextVar[bool] = ContextVar("escalation_chains_kept", default=False)


@dataclass(frozen=True, slots=True)
class About:
    """What chains ask about: `metric` is empty, and `policy` None, where a customer escalates without a promise."""

    team: int | None
    priority: str
    policy: int | None = None
    metric: str = ""

    @classmethod
    def of(cls, ticket: Ticket, *, metric: str = "", policy: int | None = None) -> "About":
        """Return what chains ask about a ticket."""
        return cls(ticket.team_id, ticket.priority, policy, metric)


@contextmanager
def read_once() -> Iterator[None]:
    """Let chains be read once within the block, however many promises are missed in it."""
    kept, keeping = _kept.set(None), _is_keeping.set(True)
    try:
        yield
    finally:
        _kept.reset(kept)
        _is_keeping.reset(keeping)


def read() -> list[EscalationChain]:
    """Return all chains, in their order; one statement, two where there are any, none when kept."""
    found = _kept.get()
    if found is None:
        found = list(EscalationChain.objects.prefetch_related("steps").order_by("position", "pk"))
        if _is_keeping.get():
            _kept.set(found)
    return found


def fitting(about: About, *, by_customer: bool = False) -> EscalationChain | None:
    """Return the chain that begins for such a ticket; None where none fits."""
    return next((one for one in read() if _fits(one, about, by_customer=by_customer)), None)


def steps_of(chain: EscalationChain) -> list[Step]:
    """Return its steps in order, in plain terms."""
    return [step.plain() for step in chain.steps.all()]


def _fits(chain: EscalationChain, about: About, *, by_customer: bool) -> bool:
    if not chain.is_active or (by_customer and not chain.takes_customers):
        return False
    return (
        (not chain.teams or about.team in chain.teams)
        and (not chain.priorities or about.priority in chain.priorities)
        and (not chain.policies or about.policy in chain.policies)
        and (by_customer or not chain.metrics or about.metric in chain.metrics)
    )
