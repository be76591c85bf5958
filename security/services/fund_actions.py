"""Fund-related actions, from asking to the permission. The database decides; here is nothing but the order of steps.

Every step writes the columns that its role may write and lets the database fill in or refuse the rest. A refusal by a
constraint is an ActionRefusedError with one sentence; the verifier's are RefusedError and VerifierAwayError.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Customer, ExchangeAccount, Staff
from core import clock, doorbell
from core.audit import Actor
from core.ids import new_public_id
from core.models.leased import LeasedQuerySet
from security import effects, verifier_client
from security.models import (
    Approval,
    ApproverDraw,
    CheckMethod,
    Decision,
    Execution,
    FundAction,
    FundDecline,
    FundOrder,
    FundStep,
    IdentityCheck,
    ReviewDecision,
    TrainingCertificate,
)
from security.services import action_notices, announcements, fund_steps
from security.services import refusals as in_words

What = FundStep.What
DELIVERY_TASK = "security.deliver_fund_order"
BATCH = 50
REVIEWERS = 2
# The constraint that an execution breaks whose check is more than five minutes old.
TOO_OLD = "security_execution_fresh"
HASH = """
SELECT core.fund_action_hash(%(public_id)s, %(kind)s, %(operation)s, %(subject)s, %(customer_id)s, %(asset)s,
    %(network)s, %(amount)s::numeric(38, 18), %(destination)s, %(tag)s, %(requester_id)s)
"""


class ActionRefusedError(Exception):
    """The database, or what is known of the customer, does not allow this step; one sentence says why."""


class ApprovalKeptError(ActionRefusedError):
    """The approval is kept; what was refused is carrying the action out, now. The sentence says why.

    `is_late` where nothing but the customer's check is too old: they are asked anew.
    """

    def __init__(self, sentence: str, *, is_late: bool) -> None:
        super().__init__(sentence)
        self.is_late = is_late


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be done. Amounts are in units of the asset; texts are canonical, as the exchange writes them."""

    kind: str
    customer: Customer
    operation: str = ""
    subject: str = ""
    asset: str = ""
    network: str = ""
    amount: Decimal = Decimal(0)
    destination: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A step-up that was begun: for which action, and what the browser needs for a passkey."""

    public_id: str
    step_up: str
    options: Mapping[str, Any]


def begin_request(*, person: Staff, asked: Asked, method: str = "webauthn") -> Begun:
    """Begin the requester's step-up for exactly this action, known by its hash before it exists."""
    _account_of(asked.customer)
    public_id = new_public_id()
    with connection.cursor() as cursor:
        cursor.execute(HASH, _words(person, asked, public_id))
        (content,) = cursor.fetchone()
    return step_up(person=person, purpose="action.request", content=bytes(content), public_id=public_id, method=method)


def request(
    *, person: Staff, asked: Asked, begun: Begun, answer: Mapping[str, str], ticket_id: int | None = None
) -> FundAction:
    """Ask for the action, with the step-up answered (`response` of a passkey, or `code`)."""
    done = verifier_client.ask("step_up.finish", step_up=begun.step_up, **answer)
    values = _words(person, asked, begun.public_id) | {
        "ticket_id": ticket_id, "requester_stepup_id": done["id"], "requester_verified_at": done["verified_at"],
    }  # fmt: skip
    with refusals(), transaction.atomic():
        action = FundAction.objects.get(pk=insert(FundAction, values))
        _record(What.REQUESTED, person, action, {"kind": action.kind})
        if action.needs_approval:
            _draw(person, action)
        action_notices.asked(action=action)
    return action


def begin_check(*, action: FundAction, method: str, actor: Actor) -> IdentityCheck:
    """Challenge the customer, at the word of `actor`: one of three at most for an action, once its wait is over."""
    _not_declined(action)
    with refusals(), transaction.atomic():
        values = {"public_id": new_public_id(), "action_id": action.pk, "method": method}
        check = IdentityCheck.objects.get(pk=insert(IdentityCheck, values))
        fund_steps.record(what=What.CHECK_BEGUN, action=action, actor=actor, data={"method": method})
    return check


def challenge(*, check: IdentityCheck) -> Mapping[str, Any]:
    """Return what the customer's browser needs for answering."""
    return verifier_client.ask("check.options", check=check.public_id)


def answer_check(*, check: IdentityCheck, answer: Mapping[str, str]) -> None:
    """Have the customer's answer compared; the action is carried out when nothing else is missing."""
    action = FundAction.objects.get(pk=check.action_id)
    verifier_client.ask("check.answer", check=check.public_id, **answer)
    with transaction.atomic():
        fund_steps.record(
            what=What.CHECK_PASSED, action=action, actor=action.customer.actor, data={"method": check.method}
        )
    execute_if_ready(action=action)


def begin_approval(*, person: Staff, action: FundAction) -> Begun:
    """Begin the step-up of who was drawn, for this very action."""
    _not_declined(action)
    if not ApproverDraw.objects.filter(action=action, approver=person).exists():
        raise ActionRefusedError(_("Somebody else was drawn to look at this."))
    if hasattr(action, "review") and not _is_proven(action) and not _is_reviewed(action):
        raise ActionRefusedError(_("Two reviewers look at this first: approve when both have confirmed it."))
    return step_up(
        person=person, purpose="action.approve", content=bytes(action.hash), public_id=action.public_id,
        method="webauthn",
    )  # fmt: skip


def approve(*, person: Staff, action: FundAction, begun: Begun, answer: Mapping[str, str]) -> None:
    """Say yes, with the step-up answered; the action is carried out when nothing else is missing.

    Raises ApprovalKeptError where the yes stands and something else came too late or is in the way; a customer whose
    check is too old by then is asked anew.
    """
    _not_declined(action)
    done = verifier_client.ask("step_up.finish", step_up=begun.step_up, **answer)
    values = {
        "action_id": action.pk, "approver_id": person.pk, "approver_stepup_id": done["id"],
        "approver_verified_at": done["verified_at"],
    }  # fmt: skip
    with refusals(), transaction.atomic():
        insert(Approval, values)
        _record(What.APPROVED, person, action, {})
        action_notices.approved(action=action)
    try:
        execute_if_ready(action=action)
    except ActionRefusedError as refused:
        # The check was fresh a moment ago, and is not any more.
        with transaction.atomic():
            action_notices.approved(action=action)
        raise ApprovalKeptError(str(refused), is_late=in_words.is_about(refused.__cause__, TOO_OLD)) from refused


def decline(*, person: Staff, action: FundAction, reason: str) -> None:
    """Say no, for good: who still wants it asks again. Takes no step-up, as a freeze takes none.

    Said twice, it counts once.
    Raises ActionRefusedError: somebody else was drawn, or the exchange has been asked already.
    """
    if FundDecline.objects.filter(action=action, staff=person).exists():
        return
    with refusals(), transaction.atomic():
        values = {"action_id": action.pk, "staff_id": person.pk, "reason": reason}
        insert(FundDecline, values, key="action_id")
        _record(What.DECLINED, person, action, {})
        action_notices.declined(action=action)


def draw_again(*, person: Staff, action: FundAction) -> None:
    """Have another person drawn, 15 minutes after the last, three in all."""
    _not_declined(action)
    with refusals(), transaction.atomic():
        _draw(person, action)


def execute_if_ready(*, action: FundAction) -> bool:
    """Make the permission and its order when check and approval are there; False when something is missing.

    What came too late (a check older than five minutes, an approval older than fifteen) is refused by the database.
    """
    check = IdentityCheck.objects.filter(action=action, is_verified=True).order_by("-verified_at").first()
    approval = Approval.objects.filter(action=action).order_by("-approved_at").first()
    if approval is not None and (check is None or check.method == CheckMethod.MANUAL):
        check = _check_by_review(action)
    if check is None or (action.needs_approval and approval is None):
        return False
    values = {"action_id": action.pk, "check_id": check.pk, "approver_id": approval.approver_id if approval else None}
    with refusals(), transaction.atomic():
        insert(Execution, values, key="action_id")
        order = FundOrder.objects.create(action=action, account_id=_account_of(action.customer).account_id)
        fund_steps.record(
            what=What.EXECUTED, action=action, actor=action.requester.actor, data={"order": order.public_id}
        )
        if check.method == CheckMethod.MANUAL:
            announcements.tell(customer=action.customer, what=announcements.What.REVIEW_CARRIED_OUT)
        effects.fund_order_made(order.pk)
    return True


def ring_overdue(*, limit: int = BATCH) -> int:
    """Ring for orders that the exchange has not answered in time, and for untold steps; return how many."""
    due = LeasedQuerySet(FundOrder).due().order_by("next_attempt_at").values_list("pk", flat=True)[:limit]
    rung = 0
    for pk in due:
        if not doorbell.ring_now(DELIVERY_TASK, pk, expires_s=10):
            break
        rung += 1
    return rung + fund_steps.ring_overdue(limit=limit)


def step_up(*, person: Staff, purpose: str, content: bytes, public_id: str, method: str) -> Begun:
    """Begin a person's step-up for what has this hash; for an action only whose training counts."""
    if purpose.startswith("action."):
        _trained(person)
    found = verifier_client.ask(
        "step_up.begin", staff=person.pk, purpose=purpose, bound_to=content.hex(), method=method
    )
    return Begun(public_id, found["step_up"], found.get("options", {}))


def _trained(person: Staff) -> None:
    """Say before a step-up what the database would say after it."""
    last = TrainingCertificate.objects.standing().filter(person=person).order_by("-valid_until").first()
    if last is None or last.valid_until <= clock.now():
        raise ActionRefusedError(in_words.of_training(last.valid_until if last else None))


def _is_proven(action: FundAction) -> bool:
    return IdentityCheck.objects.filter(action=action, is_verified=True).exists()


def _is_reviewed(action: FundAction) -> bool:
    return ReviewDecision.objects.filter(review__action=action, decision=Decision.CONFIRMED).count() == REVIEWERS


def _check_by_review(action: FundAction) -> IdentityCheck | None:
    """Have what two reviewers confirmed recorded as the check, at the last moment: it is good for five minutes."""
    if not _is_reviewed(action):
        return None
    check = begin_check(action=action, method=CheckMethod.MANUAL, actor=action.requester.actor)
    verifier_client.ask("check.review", check=check.public_id)
    with transaction.atomic():
        _record(What.CHECK_PASSED, action.requester, action, {"method": str(CheckMethod.MANUAL)})
    return IdentityCheck.objects.get(pk=check.pk)


def _words(person: Staff, asked: Asked, public_id: str) -> dict[str, Any]:
    return {
        "public_id": public_id, "kind": asked.kind, "operation": asked.operation, "subject": asked.subject,
        "customer_id": asked.customer.pk, "asset": asked.asset, "network": asked.network, "amount": asked.amount,
        "destination": asked.destination, "tag": asked.tag, "requester_id": person.pk,
    }  # fmt: skip


def _account_of(customer: Customer) -> ExchangeAccount:
    account = ExchangeAccount.objects.filter(customer=customer).first()
    if account is None:
        raise ActionRefusedError(
            _("This customer has never come from the exchange: nothing can be done to an account that is not known.")
        )
    return account


def insert(model: Any, values: Mapping[str, Any], *, key: str = "id") -> int:  # noqa: ANN401 -- a table of the rule
    """Insert the columns that are named, and no other: the rest is not ours to write. Return the key."""
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"%({name})s" for name in values)
    with connection.cursor() as cursor:
        statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({places}) RETURNING {key}'  # noqa: S608 -- names of ours
        cursor.execute(statement, dict(values))
        return int(cursor.fetchone()[0])


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the database does not allow into an ActionRefusedError with a sentence of ours."""
    try:
        yield
    except IntegrityError as error:
        raise ActionRefusedError(in_words.of_database(error)) from error


def _draw(person: Staff, action: FundAction) -> None:
    """The database draws; who it was stands in the row."""
    key = insert(ApproverDraw, {"action_id": action.pk})
    drawn = ApproverDraw.objects.select_related("approver").get(pk=key).approver
    _record(What.DRAWN, person, action, {"approver": drawn.public_id})


def _not_declined(action: FundAction) -> None:
    if FundDecline.objects.filter(action=action).exists():
        raise ActionRefusedError(str(in_words.DECLINED))


def _record(what: str, person: Staff, action: FundAction, detail: dict[str, str]) -> None:
    fund_steps.record(what=what, action=action, actor=person.actor, by=person, data=detail)
