"""Asking the exchange to carry out what is permitted: look again at rule and freeze, sign, send, settle.

Nothing here permits anything: an order exists because an execution does. What gets no answer is asked again with the
same body under the same id, which the exchange answers once.
"""

from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from core import audit, doorbell
from core.clock import DatabaseNow
from security import fund_rule, verifier_client
from security.delivery.freezes import pause_s
from security.exchange import client
from security.exchange.client import Answer, ExchangeAway
from security.models import ActionDenial, Execution, FactorsToEnd, Freeze, FundOrder, FundStep
from security.verifier.protocol import RefusedError
from security.verifier_client import VerifierAwayError

log = structlog.get_logger(__name__)
State = FundOrder.State
LEASE_S = 20
# The floor that shows what became of actions has this task.
TELL_STEP = "tickets.tell_fund_step"
ASSERTED = ("credential_id", "client_data_json", "authenticator_data", "signature", "user_handle")


class NotNowError(Exception):
    """Something that must be there is away; the order waits."""


def deliver(pk: int) -> None:
    """Send the order, if it is due and nobody else is at it."""
    token = FundOrder.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    order = FundOrder.objects.select_related("action").get(pk=pk)
    try:
        found = _ask(order)
    except (ExchangeAway, VerifierAwayError, RefusedError, NotNowError) as away:
        log.warning("fund_order_waits", order=order.public_id, reason=str(away))
        FundOrder.settle(pk, token, state=State.WAITING, error=str(away), retry_in_s=pause_s(order.attempts))
        return
    _answered(order, token, found)


def _answered(order: FundOrder, token: UUID, found: dict[str, Any]) -> None:
    """Settle the order, and record in the same commit what the exchange, or a freeze, has said."""
    with transaction.atomic():
        if not FundOrder.settle(order.pk, token, error="", retry_in_s=0, answered_at=DatabaseNow(), **found):
            return
        said = {"outcome": str(found["state"]), "code": found.get("code", ""), "reference": found.get("reference", "")}
        said = {name: value for name, value in said.items() if value}
        obj = ("fund_action", order.action.public_id)
        audit.record("fund_action.answered", actor=audit.SYSTEM, obj=obj, detail=said)
        if found["state"] == State.EXECUTED:
            FactorsToEnd.owe(order.action)
        doorbell.ring(TELL_STEP, FundStep.answered(order.action_id, said))


def _ask(order: FundOrder) -> dict[str, Any]:
    """Return how the order ended. Raises when it has not."""
    if not fund_rule.is_as_reviewed():
        message = "The rule in the database is not the one that was reviewed."
        raise NotNowError(message)
    action = order.action
    # A freeze that came after the permission wins: the exchange would say so too.
    is_frozen = Freeze.objects.filter(customer=action.customer_id, is_frozen=True).exists()
    if is_frozen and action.kind != "unfreeze":
        return {"state": State.REFUSED, "code": "frozen"}
    # An unfreeze is the one that no freeze holds up.
    if ActionDenial.objects.filter(action=action).exists():
        return {"state": State.REFUSED, "code": "denied"}
    body = order.keep_body(_body(order)) if order.body is None else order.body
    answer = client.post(f"/actions/{action.public_id}", body)
    return _judged(answer)


def _judged(answer: Answer) -> dict[str, Any]:
    if answer.status == 200 and answer.body.get("outcome") == "executed":
        return {"state": State.EXECUTED, "reference": str(answer.body.get("reference", ""))[:120]}
    if answer.status == 422 and answer.body.get("outcome") == "refused":
        return {"state": State.REFUSED, "code": str(answer.body.get("code", ""))[:40]}
    if answer.status in (400, 404, 409):
        return {"state": State.REFUSED, "code": str(answer.body.get("code") or answer.status)[:40]}
    message = f"The exchange answered {answer.status}."
    raise NotNowError(message)


def _body(order: FundOrder) -> dict[str, Any]:
    """Return what the exchange is sent (docs/exchange-gateway.md)."""
    action = order.action
    execution = Execution.objects.select_related("identity_check").get(action=action)
    check = execution.identity_check
    proof = {"method": check.method, "check_id": check.public_id, "nonce": bytes(check.nonce).hex()}
    if check.method == "webauthn":
        proof |= {name: (check.evidence or {})[name] for name in ASSERTED}
    approval = None
    if execution.approver_id is not None and execution.approved_at is not None:
        approval = {"approver": str(execution.approver_id), "approved_at": execution.approved_at.isoformat()}
    return {
        "account_id": order.account_id,
        "action": {
            "public_id": action.public_id, "kind": action.kind, "operation": action.operation,
            "subject": action.subject, "customer_id": str(action.customer_id), "asset": action.asset,
            "network": action.network, "amount": f"{action.amount:.18f}", "destination": action.destination,
            "tag": action.tag, "requester_id": str(action.requester_id),
        },
        "hash": bytes(action.hash).hex(),
        "executed_at": execution.executed_at.isoformat(),
        "proof": proof,
        "attestation": verifier_client.ask("check.attest", check=check.public_id)["attestation"],
        "approval": approval,
    }  # fmt: skip
