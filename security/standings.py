"""Where a customer's fund-related actions stand, by the database's clock. The database decides; this only says it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Customer
from core import clock
from security import selectors
from security.models import CustomerFactor, FundAction, FundOrder, IdentityCheck

# As the rule has them: security/migrations/fund_rule/tables.sql.
CHECK_LIVES = timedelta(minutes=10)
ANSWER_HOLDS = timedelta(minutes=5)
APPROVAL_HOLDS = timedelta(minutes=15)
STAYS_OPEN = timedelta(hours=24)
MAX_CHECKS, MAX_TRIES = 3, 5
COUNT_WAITING = """
SELECT count(*) FROM security_fundaction action
 WHERE customer_id = %(customer)s AND created_at + make_interval(secs => cooling_off_s) + %(open)s > core.clock()
   AND NOT EXISTS (SELECT FROM security_execution done WHERE done.action_id = action.id)
   AND NOT EXISTS (SELECT FROM security_actiondenial denied WHERE denied.action_id = action.id)
   AND NOT EXISTS (SELECT FROM security_funddecline declined WHERE declined.action_id = action.id)
   AND NOT EXISTS (SELECT FROM security_identitycheck given
                    WHERE given.action_id = action.id AND given.verified_at > core.clock() - %(holds)s)
   AND ((SELECT count(*) FROM security_identitycheck begun WHERE begun.action_id = action.id) < %(checks)s
     OR EXISTS (SELECT FROM security_identitycheck living
                 WHERE living.action_id = action.id AND NOT living.is_verified AND living.attempts < %(tries)s
                   AND living.issued_at > core.clock() - %(lives)s))
"""


class Stage(StrEnum):
    """Where an action stands, as its customer sees it."""

    EXECUTED = "executed"
    REFUSED = "refused"
    SENDING = "sending"
    DENIED = "denied"
    DECLINED = "declined"  # the second person of support has said no
    EXPIRED = "expired"
    FROZEN = "frozen"
    LOCKED = "locked"  # the customer has locked support out
    COOLING = "cooling"
    ANSWERED = "answered"  # the customer has; something else is missing
    USED_UP = "used_up"
    NO_FACTOR = "no_factor"
    OPEN = "open"


class Second(StrEnum):
    """What is known of the second person of support."""

    NOT_NEEDED = "not_needed"
    MISSING = "missing"
    GIVEN = "given"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One action and everything that its customer's page tells of it."""

    action: FundAction
    stage: Stage
    second: Second
    cooled_at: datetime
    closes_at: datetime
    # Until when the approval, or the customer's own answer, holds.
    second_until: datetime | None
    answered_until: datetime | None
    locked_until: datetime | None
    checks_left: int
    # The check that was begun and may be answered, by method.
    living: tuple[IdentityCheck, ...]
    last_tries_left: int | None
    # With what the customer can answer now; and when the next factor counts.
    methods: tuple[str, ...]
    counts_from: datetime | None
    order: FundOrder | None

    @property
    def waits(self) -> bool:
        """Whether the customer's word is what is missing, now or after the waiting time."""
        return self.stage in WAITING

    def living_by(self, method: str) -> IdentityCheck | None:
        """Return the check that can be answered by this method."""
        return next((check for check in self.living if check.method == method), None)


WAITING = frozenset({Stage.OPEN, Stage.COOLING, Stage.FROZEN, Stage.LOCKED, Stage.NO_FACTOR})


@dataclass(frozen=True, slots=True)
class _Customer:
    """What holds for all actions of the customer at one moment."""

    now: datetime
    is_frozen: bool
    locked_until: datetime | None
    factors: Sequence[CustomerFactor]


def of_customer(customer: Customer, *, limit: int) -> list[Standing]:
    """Return the newest actions of this customer; the same number of statements however many."""
    rows = _rows().filter(customer=customer).order_by("-pk")[:limit]
    return _standings(customer, rows)


def of_action(action: FundAction) -> Standing:
    """Return where this action stands, freshly read."""
    (found,) = _standings(action.customer, _rows().filter(pk=action.pk))
    return found


def find(customer: Customer, public_id: str) -> FundAction | None:
    """Return this customer's action, nobody else's."""
    return FundAction.objects.filter(customer=customer, public_id=public_id).select_related("customer").first()


def waiting_count(customer: Customer) -> int:
    """Return for how many actions the customer's word is missing; one statement."""
    given: dict[str, Any] = {
        "customer": customer.pk, "open": STAYS_OPEN, "holds": ANSWER_HOLDS, "checks": MAX_CHECKS, "tries": MAX_TRIES,
        "lives": CHECK_LIVES,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(COUNT_WAITING, given)
        return int(cursor.fetchone()[0])


def _rows() -> QuerySet[FundAction]:
    related = FundAction.objects.select_related("customer", "requester", "execution", "order", "denial", "decline")
    return related.prefetch_related("checks", "approvals")


def _standings(customer: Customer, rows: Iterable[FundAction]) -> list[Standing]:
    here = _Customer(
        now=clock.now(),
        is_frozen=selectors.freeze_of(customer) is not None,
        locked_until=selectors.support_locked_until(customer),
        factors=list(CustomerFactor.objects.filter(customer=customer, end__isnull=True)),
    )
    return [_standing(action, here) for action in rows]


def _standing(action: FundAction, here: _Customer) -> Standing:
    cooled_at = action.created_at + timedelta(seconds=action.cooling_off_s)
    checks = sorted(action.checks.all(), key=lambda check: check.place)
    answered = max((check.verified_at for check in checks if check.verified_at), default=None)
    second, second_until = _second(action, here.now)
    fitting = [factor for factor in here.factors if factor.method in action.methods]
    living = tuple(check for check in checks if _lives(check, here.now))
    found = Standing(
        action=action,
        stage=Stage.OPEN,
        second=second,
        cooled_at=cooled_at,
        closes_at=cooled_at + STAYS_OPEN,
        second_until=second_until,
        answered_until=answered + ANSWER_HOLDS if answered else None,
        locked_until=here.locked_until,
        checks_left=MAX_CHECKS - len(checks),
        living=living,
        last_tries_left=MAX_TRIES - checks[-1].attempts if checks and not checks[-1].is_verified else None,
        methods=tuple(sorted({factor.method for factor in fitting if factor.counts_from <= here.now}, reverse=True)),
        counts_from=min((factor.counts_from for factor in fitting), default=None),
        order=getattr(action, "order", None),
    )
    return replace(found, stage=_stage(found, here))


def _stage(found: Standing, here: _Customer) -> Stage:
    if found.order is not None:
        ended = {FundOrder.State.EXECUTED: Stage.EXECUTED, FundOrder.State.REFUSED: Stage.REFUSED}
        return ended.get(FundOrder.State(found.order.state), Stage.SENDING)
    ways: tuple[tuple[bool, Stage], ...] = (
        (hasattr(found.action, "denial"), Stage.DENIED),
        (hasattr(found.action, "decline"), Stage.DECLINED),
        (here.now > found.closes_at, Stage.EXPIRED),
        (here.is_frozen and found.action.kind != "unfreeze", Stage.FROZEN),
        (here.locked_until is not None, Stage.LOCKED),
        (here.now < found.cooled_at, Stage.COOLING),
        (found.answered_until is not None and here.now < found.answered_until, Stage.ANSWERED),
        (found.checks_left < 1 and not found.living, Stage.USED_UP),
        (not found.methods, Stage.NO_FACTOR),
    )
    return next((stage for holds, stage in ways if holds), Stage.OPEN)


def _second(action: FundAction, now: datetime) -> tuple[Second, datetime | None]:
    if not action.needs_approval:
        return Second.NOT_NEEDED, None
    newest = max((approval.approved_at for approval in action.approvals.all()), default=None)
    if newest is None:
        return Second.MISSING, None
    until = newest + APPROVAL_HOLDS
    return (Second.GIVEN if now < until else Second.STALE), until


def _lives(check: IdentityCheck, now: datetime) -> bool:
    return not check.is_verified and check.attempts < MAX_TRIES and now < check.issued_at + CHECK_LIVES
