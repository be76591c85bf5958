"""A customer's word on an action that was asked for: yes, proven with a factor of theirs, or "this wasn't me"."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from accounts.models import Customer
from core import audit
from security import standings, verifier_client
from security.models import CustomerSession, FreezeOrder, FundAction, FundStep, IdentityCheck
from security.services import freezing, fund_actions, fund_steps
from security.services.fund_actions import ActionRefusedError
from security.standings import Stage, Standing
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError

PASSKEY, CODE = "webauthn", "totp"
DENY = "INSERT INTO security_actiondenial (action_id) VALUES (%s) ON CONFLICT DO NOTHING"
# The constraint that a factor breaks which has not waited long enough; the verifier hands its name on.
COUNTS_LATER = "factor_counts"


class Why(StrEnum):
    """Why an answer was not taken."""

    NOT_NOW = "not_now"  # the standing says why
    METHOD = "method"  # the policy, or the customer's factors, do not allow this method
    AWAY = "away"
    WRONG = "wrong"
    COUNTS_LATER = "counts_later"
    CLOSED = "closed"  # five answers, ten minutes, or another check has been begun since
    LOCKED = "locked"


class NotAnsweredError(Exception):
    """The customer's word was not taken; `why` says which sentence tells it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Challenged:
    """A check that may be answered, and what the browser is given for a passkey."""

    check: str
    options: Mapping[str, Any]


def challenge(*, action: FundAction) -> Challenged:
    """Challenge the customer's passkey, by the check that was begun or by a new one. Raises NotAnsweredError."""
    check = _begun(action, PASSKEY)
    try:
        found = fund_actions.challenge(check=check)
    except VerifierAwayError as away:
        raise NotAnsweredError(Why.AWAY) from away
    except RefusedError as refused:
        raise NotAnsweredError(Why.METHOD if refused.code is Code.NO_FACTOR else Why.CLOSED) from refused
    return Challenged(check.public_id, found["options"])


def answer_by_passkey(*, action: FundAction, check: str, response: str) -> None:
    """Have the passkey's answer to this very check compared. Raises NotAnsweredError.

    What else is missing, or came too late, does not matter here: the action's standing says it.
    """
    living = _ready(action, PASSKEY).living_by(PASSKEY)
    # An answer to a check that has ended is no try of the one that has not.
    if living is None or living.public_id != check:
        raise NotAnsweredError(Why.CLOSED)
    _answer(living, {"response": response})


def answer_by_code(*, action: FundAction, code: str) -> None:
    """Have a code of the customer's authenticator compared, in a check that is begun if none is. As above."""
    _answer(_begun(action, CODE), {"code": code})


def deny(*, action: FundAction, session: CustomerSession) -> None:
    """Take "this wasn't me": the customer is frozen, the action is carried out by nobody, and staff are alarmed.

    Needs as little proof as a freeze, and can be said at any time; said twice it freezes twice.
    """
    customer = action.customer
    with transaction.atomic():
        # First: an execution that comes meanwhile waits for the freeze and then sees the denial.
        freezing.freeze(
            customer=customer, source=FreezeOrder.Source.PORTAL, actor=customer.actor, keep=session
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(DENY, [action.pk])
        fund_steps.record(what=FundStep.What.DENIED, action=action, actor=customer.actor)


def _ready(action: FundAction, method: str) -> Standing:
    """Return where the action stands when it can be answered by this method now."""
    found = standings.of_action(action)
    if found.stage is not Stage.OPEN:
        raise NotAnsweredError(Why.NOT_NOW)
    if method not in found.methods:
        raise NotAnsweredError(Why.METHOD)
    return found


def _begun(action: FundAction, method: str) -> IdentityCheck:
    """Return the check that can be answered; begin one of the three when there is none."""
    # A check that nobody could answer would be one of three.
    if verifier_client.complaint():
        raise NotAnsweredError(Why.AWAY)
    with transaction.atomic():
        # Two tabs begin one check.
        customer = Customer.objects.select_for_update(no_key=True).get(pk=action.customer_id)
        living = _ready(action, method).living_by(method)
        if living is not None:
            return living
        try:
            return fund_actions.begin_check(action=action, method=method, actor=customer.actor)
        except ActionRefusedError as refused:
            raise NotAnsweredError(Why.NOT_NOW) from refused


def _answer(check: IdentityCheck, answer: Mapping[str, str]) -> None:
    try:
        fund_actions.answer_check(check=check, answer=answer)
    except VerifierAwayError as away:
        raise NotAnsweredError(Why.AWAY) from away
    except ActionRefusedError:
        # The answer was right. What the database did not let pass is where the action stands now.
        return
    except RefusedError as refused:
        if COUNTS_LATER in refused.detail:
            raise NotAnsweredError(Why.COUNTS_LATER) from refused
        known = {Code.LOCKED: Why.LOCKED, Code.EXPIRED: Why.CLOSED}
        why = known.get(refused.code, Why.WRONG)
        customer = check.action.customer
        audit.record(
            "fund_action.check_failed", actor=customer.actor, obj=("fund_action", check.action.public_id),
            detail={"method": check.method, "reason": why.value},
        )  # fmt: skip
        raise NotAnsweredError(why) from refused
