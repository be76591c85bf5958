"""What is known of the person behind a case: who says so, with which factors, and what is under way for their money."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import ExchangeAccount, Staff
from accounts.permissions import Permission
from core import clock
from security import fund_states, fund_words, selectors
from security.fund_states import Progress, State
from security.models import CustomerFactor, CustomerSession, FundAction
from security.selectors import FreezeShown
from tickets.models import Ticket

ACTIONS = 8
DRAW_AGAIN = timedelta(minutes=15)
MOST_DRAWS = 3


@dataclass(frozen=True, slots=True)
class FactorShown:
    """One factor of the customer's, and from when it counts for funds."""

    method: str
    counts_from: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class ActionShown:
    """One action of the customer's, in words, and how far it is."""

    public_id: str
    title: str
    requester: str
    asked_at: datetime
    progress: Progress
    approver: str
    is_high_risk: bool
    can_draw: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """All of the panel; `known_since` is nothing for somebody who has never come from the exchange."""

    known_since: datetime | None
    account: str
    signed_in: CustomerSession | None
    factors: tuple[FactorShown, ...]
    frozen: FreezeShown | None
    locked_until: datetime | None
    risk_raised_until: datetime | None
    actions: tuple[ActionShown, ...]
    can_request: bool
    can_freeze: bool
    can_read_exchange: bool
    can_start_review: bool


def panel(ticket: Ticket, person: Staff) -> Panel:
    """Return the panel of a case."""
    customer = ticket.requester
    account = ExchangeAccount.objects.filter(customer=customer).first()
    rows = FundAction.objects.filter(customer=customer).order_by("-id")[:ACTIONS]
    may_ask = person.has(Permission.FUND_REQUEST)
    now = clock.now()
    return Panel(
        known_since=account.created_at if account else None,
        account=f"…{account.account_id[-4:]}" if account else "",
        signed_in=CustomerSession.objects.filter(customer=customer).order_by("-opened_at").first(),
        factors=tuple(
            FactorShown(one.method, one.counts_from, one.counts_from <= now)
            for one in CustomerFactor.objects.filter(customer=customer, end__isnull=True).order_by("pk")
        ),
        frozen=selectors.freeze_of(customer),
        locked_until=selectors.support_locked_until(customer),
        risk_raised_until=selectors.risk_raised_until(customer),
        actions=tuple(shown(one, may_draw=may_ask) for one in fund_states.with_rows(rows)),
        can_request=may_ask and account is not None,
        can_freeze=person.has(Permission.CUSTOMER_FREEZE) and account is not None,
        can_read_exchange=person.has(Permission.EXCHANGE_VIEW) and account is not None,
        can_start_review=person.has(Permission.REVIEW_START) and account is not None,
    )


def action_of(ticket: Ticket, public_id: str) -> FundAction | None:
    """Return the action under this id if it is of the ticket's customer."""
    return FundAction.objects.filter(public_id=public_id, customer=ticket.requester_id).first()


def shown(action: FundAction, *, may_draw: bool = False) -> ActionShown:
    """Shape one action; its rows are those of fund_states.with_rows."""
    found = fund_states.progress(action)
    draws = sorted(action.draws.all(), key=lambda one: one.place)
    waits = found.state in {State.WAITS_APPROVAL, State.WAITS_BOTH}
    is_due = not draws or (len(draws) < MOST_DRAWS and draws[-1].drawn_at < clock.now() - DRAW_AGAIN)
    return ActionShown(
        public_id=action.public_id,
        title=fund_words.title(action),
        requester=action.requester.name,
        asked_at=action.created_at,
        progress=found,
        approver=draws[-1].approver.name if draws else "",
        is_high_risk=action.risk == "high",
        can_draw=may_draw and waits and is_due and action.needs_approval,
    )
