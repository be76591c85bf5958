"""Who wrote: from an address and what is known of it to a customer."""

from django.db import IntegrityError, transaction

from accounts.models import Customer, CustomerAddress
from core import audit
from core.clock import DatabaseNow


def resolve(*, kind: str, value: str, name: str, proof: str | None, locale: str = "") -> Customer:
    """Return the customer behind an address, creating one when there is none.

    With a `proof` (CustomerAddress.Proof other than claimed) it is the one customer who has proven
    the address. Without one it is a stub that merely claims it: never a known customer, whatever
    the address says, and never upgraded later.
    """
    if proof:
        return _proven(kind=kind, value=value, name=name, proof=proof, locale=locale)
    claimed = (
        Customer.objects.filter(addresses__kind=kind, addresses__value=value, addresses__proof="claimed")
        .exclude(addresses__proof__in=["dkim", "spf", "dmarc", "exchange"])
        .order_by("pk")
        .first()
    )
    if claimed is not None:
        return claimed
    with transaction.atomic():
        customer = Customer.objects.create(name=name[:160], locale=locale)
        CustomerAddress.objects.create(customer=customer, kind=kind, value=value)
        _record(customer, "claimed")
    return customer


def mark_bouncing(*, kind: str, value: str) -> int:
    """Mark every row of an address that no longer accepts mail; return how many."""
    return CustomerAddress.objects.filter(kind=kind, value=value, is_bouncing=False).update(
        is_bouncing=True, bounced_at=DatabaseNow()
    )


def _proven(*, kind: str, value: str, name: str, proof: str, locale: str) -> Customer:
    known = _owner(kind, value)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            customer = Customer.objects.create(name=name[:160], locale=locale)
            CustomerAddress.objects.create(
                customer=customer, kind=kind, value=value, proof=proof, proven_at=DatabaseNow()
            )
            _record(customer, proof)
    except IntegrityError:
        # Two first mails at once: the unique index let one of them through.
        known = _owner(kind, value)
        if known is None:
            raise
        return known
    return customer


def _owner(kind: str, value: str) -> Customer | None:
    address = (
        CustomerAddress.objects.filter(kind=kind, value=value)
        .exclude(proof=CustomerAddress.Proof.CLAIMED)
        .select_related("customer")
        .first()
    )
    return address.customer if address else None


def _record(customer: Customer, proof: str) -> None:
    audit.record(
        "customer.created",
        actor=audit.SYSTEM,
        obj=("customer", customer.public_id),
        fields=["name", "addresses"],
        detail={"proof": proof},
    )
