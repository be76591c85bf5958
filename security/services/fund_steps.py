"""Recording what happens to fund-related actions: in the audit log, and as a row that is owed to who shows it."""

from collections.abc import Mapping

from accounts.models import Staff
from core import audit, doorbell
from core.audit import Actor
from core.clock import DatabaseNow
from security import effects
from security.delivery import fund_orders
from security.models import FundAction, FundStep

BATCH = 50
# Whoever was woken has this long before somebody else is.
PATIENCE_S = 10


def record(
    *, what: str, action: FundAction, actor: Actor, by: Staff | None = None, data: Mapping[str, str] | None = None
) -> None:
    """Record one step inside the caller's transaction, and have it told after the commit."""
    detail = dict(data or {})
    audit.record(f"fund_action.{what}", actor=actor, obj=("fund_action", action.public_id), detail=detail)
    step = FundStep.objects.create(action=action, what=what, staff=by, data=detail)
    effects.fund_step_made(step.pk)


def take(*, pk: int) -> FundStep | None:
    """Lock the step FOR NO KEY UPDATE, past others, inside the caller's transaction; None when it has been told."""
    waiting = FundStep.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related(
        "staff", "action"
    )
    return waiting.filter(pk=pk, told_at__isnull=True).first()


def told(*, step: FundStep) -> None:
    """Mark the taken step as told."""
    FundStep.objects.filter(pk=step.pk).update(told_at=DatabaseNow())


def ring_overdue(*, limit: int = BATCH) -> int:
    """Ring for steps that nobody has been told; return how many."""
    rung = 0
    for pk in FundStep.objects.filter(told_at__isnull=True).order_by("at").values_list("pk", flat=True)[:limit]:
        if not doorbell.ring_now(fund_orders.TELL_STEP, pk, expires_s=PATIENCE_S):
            break
        rung += 1
    return rung
