"""Freezing a customer's funds at their own word: at once with us, and at the exchange as soon as it answers."""

from django.db import connection, transaction

from accounts.models import Customer, ExchangeAccount
from core import audit, doorbell
from core.audit import Actor
from core.models.leased import LeasedQuerySet
from security import effects
from security.models import CustomerSession, FreezeOrder
from security.services import announcements, customer_sessions

DELIVERY_TASK = "security.deliver_freeze"
BATCH = 50


def freeze(*, customer: Customer, source: str, actor: Actor, keep: CustomerSession | None = None) -> None:
    """Freeze `customer`: nothing of theirs is carried out from this commit on; the exchange is told until it answers.

    Needs little proof, on purpose; only an executed unfreeze, with full proof and waiting time, ends it. Freezing
    again undoes an unfreeze that is under way. Every portal session but `keep` ends.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT core.fund_freeze(%s, %s)", [customer.pk, f"customer, {source}"])
        customer_sessions.end_all(customer=customer, reason="frozen", actor=actor, keep=keep)
        audit.record("customer.frozen", actor=actor, obj=("customer", customer.public_id), detail={"source": source})
        announcements.tell(customer=customer, what=announcements.What.FROZEN)
        account = ExchangeAccount.objects.filter(customer=customer).first()
        if account is not None:
            _order(customer, account.account_id, source)


def ring_overdue(*, limit: int = BATCH) -> int:
    """Ring for orders that the exchange has not answered yet and whose time has come; return how many."""
    due = LeasedQuerySet(FreezeOrder).due().order_by("next_attempt_at").values_list("pk", flat=True)[:limit]
    rung = 0
    for pk in due:
        if not doorbell.ring_now(DELIVERY_TASK, pk, expires_s=10):
            break
        rung += 1
    return rung


def _order(customer: Customer, account_id: str, source: str) -> None:
    """Write what the exchange must hear, unless one that says the same still waits, and tell it after the commit."""
    row = FreezeOrder(customer=customer, account_id=account_id, source=source)
    FreezeOrder.objects.bulk_create([row], ignore_conflicts=True)
    waiting = FreezeOrder.objects.filter(customer=customer, state=FreezeOrder.State.WAITING).first()
    if waiting is not None:
        effects.freeze_ordered(waiting.pk)
