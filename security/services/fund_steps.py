"""Recording what happens to fund-related actions: in the audit log, and as a row that is owed to who shows it."""

from collections.abc import Mapping, Sequence

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


def take(*, pk: int) -> list[FundStep]:
    """Lock what nobody has been told of this step's action up to it, the oldest first, in the caller's transaction.

    Whoever comes meanwhile for the same action waits, so that steps are told in the order in which they happened.
    """
    step = FundStep.objects.filter(pk=pk, told_at__isnull=True).first()
    if step is None:
        return []
    waiting = FundStep.objects.select_for_update(of=("self",), no_key=True).select_related("staff", "action")
    return list(waiting.filter(action=step.action_id, pk__lte=pk, told_at__isnull=True).order_by("pk"))


def told(*, steps: Sequence[FundStep]) -> None:
    """Mark the taken steps as told."""
    FundStep.objects.filter(pk__in=[step.pk for step in steps]).update(told_at=DatabaseNow())


def ring_overdue(*, limit: int = BATCH) -> int:
    """Ring for steps that nobody has been told; return how many."""
    rung = 0
    for pk in FundStep.objects.filter(told_at__isnull=True).order_by("at").values_list("pk", flat=True)[:limit]:
        if not doorbell.ring_now(fund_orders.TELL_STEP, pk, expires_s=PATIENCE_S):
            break
        rung += 1
    return rung
