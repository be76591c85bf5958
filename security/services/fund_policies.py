"""Changing the policy of fund-related actions: one proposes, one of another team confirms, a day later it holds.

Like fund_actions: the database decides, here is nothing but the order of steps.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from core import audit
from core.ids import new_public_id
from security import selectors, verifier_client
from security.models import FundPolicyChange
from security.models.fund import Method, Purpose
from security.services.fund_actions import ActionRefusedError, Begun, insert, refusals, step_up

HASH = """
SELECT core.fund_policy_hash(%(public_id)s, %(kind)s, %(asset)s, %(above)s::numeric(38, 18), %(risk)s, %(methods)s,
    %(needs_approval)s, %(cooling_off_s)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What is to hold for one kind, from `above` units of an asset ('' is every asset without rows of its own)."""

    kind: str
    asset: str
    above: Decimal
    risk: str
    methods: list[str]
    needs_approval: bool
    cooling_off_s: int


def begin_proposal(*, person: Staff, proposed: Proposed) -> Begun:
    """Begin the proposer's step-up for exactly this change, known by its hash before it exists."""
    public_id = new_public_id()
    with connection.cursor() as cursor:
        cursor.execute(HASH, _words(proposed, public_id))
        (content,) = cursor.fetchone()
    return _begin(person, Purpose.PROPOSE, bytes(content), public_id)


def propose(*, person: Staff, proposed: Proposed, begun: Begun, answer: Mapping[str, str]) -> FundPolicyChange:
    """Propose the change, with the step-up answered; nothing holds by that alone."""
    done = verifier_client.ask("step_up.finish", step_up=begun.step_up, **answer)
    values = _words(proposed, begun.public_id) | {
        "proposer_id": person.pk, "proposer_stepup_id": done["id"], "proposer_verified_at": done["verified_at"],
    }  # fmt: skip
    with refusals(), transaction.atomic():
        change = FundPolicyChange.objects.get(pk=insert(FundPolicyChange, values))
        _record("proposed", person, change)
    return change


def begin_confirmation(*, person: Staff, change: FundPolicyChange) -> Begun:
    """Begin the second person's step-up for this very change."""
    if not all(selectors.may_confirm_policy(person=person, changes=[change])):
        raise ActionRefusedError(_("Who confirms a change must be of another team, and a lead or in compliance."))
    return _begin(person, Purpose.CONFIRM, bytes(change.hash), change.public_id)


def confirm(*, person: Staff, change: FundPolicyChange, begun: Begun, answer: Mapping[str, str]) -> None:
    """Confirm the change, with the step-up answered; it holds a day later."""
    done = verifier_client.ask("step_up.finish", step_up=begun.step_up, **answer)
    with refusals(), transaction.atomic():
        is_first = FundPolicyChange.objects.filter(pk=change.pk, confirmed_at__isnull=True).update(
            confirmer=person, confirmer_stepup_id=done["id"], confirmer_verified_at=done["verified_at"]
        )
        if not is_first:
            raise ActionRefusedError(_("Somebody has confirmed this change already."))
        _record("confirmed", person, change)


def _begin(person: Staff, purpose: Purpose, content: bytes, public_id: str) -> Begun:
    return step_up(person=person, purpose=purpose, content=content, public_id=public_id, method=Method.WEBAUTHN)


def _words(proposed: Proposed, public_id: str) -> dict[str, Any]:
    return {"public_id": public_id, **asdict(proposed)}


def _record(what: str, person: Staff, change: FundPolicyChange) -> None:
    detail = {"kind": change.kind, "asset": change.asset}
    obj = ("fund_policy_change", change.public_id)
    audit.record(f"fund_policy.{what}", actor=person.actor, obj=obj, detail=detail)
