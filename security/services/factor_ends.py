"""The end of factors that the exchange has let go: owed by a row, until the verifier has ended our copies.

Until then the exchange refuses whatever is signed with one; the row is never given up, and late it is an alarm.
"""

from django.db import transaction
from django.db.models import QuerySet

from core import audit
from core.clock import DatabaseNow
from security import verifier_client
from security.models import CustomerFactor, FactorsToEnd
from security.verifier.protocol import RefusedError
from security.verifier_client import VerifierAwayError

BATCH = 20


def end_waiting(*, limit: int = BATCH) -> int:
    """End what is owed an end, the oldest first; return for how many actions. What fails stays owed, and says why."""
    done = 0
    owed = FactorsToEnd.objects.filter(ended_at__isnull=True).select_related("action__customer")
    for row in owed.order_by("owed_at")[:limit]:
        try:
            _end(row)
            done += 1
        except VerifierAwayError:
            FactorsToEnd.objects.filter(pk=row.pk).update(last_error="the verifier is away")
            break
        except RefusedError as refused:
            FactorsToEnd.objects.filter(pk=row.pk).update(last_error=f"the verifier refused: {refused.code.value}")
    return done


def _end(row: FactorsToEnd) -> None:
    customer = row.action.customer
    ended = 0
    for factor in _let_go(row).order_by("pk"):
        found = verifier_client.ask("factor.end", person=f"customer:{customer.pk}", factor=factor.public_id)
        if found["ended"]:
            ended += 1
            _record("customer.factor_ended", row, {"factor": factor.public_id})
    with transaction.atomic():
        if FactorsToEnd.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=DatabaseNow(), last_error=""):
            _record("customer.factors_let_go", row, {"count": ended})


def _let_go(row: FactorsToEnd) -> QuerySet[CustomerFactor]:
    """Return what the exchange has let go. What its customer has enrolled since is not of it."""
    action = row.action
    living = CustomerFactor.objects.filter(customer=action.customer, end__isnull=True, enrolled_at__lte=row.owed_at)
    return living.filter(exchange_id=action.subject) if action.kind == "factor_change" else living


def _record(what: str, row: FactorsToEnd, detail: dict[str, audit.Detail]) -> None:
    customer = row.action.customer
    about = {**detail, "action": row.action.public_id}
    audit.record(what, actor=customer.actor, obj=("customer", customer.public_id), detail=about)
