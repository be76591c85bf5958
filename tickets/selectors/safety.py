"""What customers see of their own factors."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Customer
from core import clock
from security.models import CustomerFactor, FactorToKeep


@dataclass(frozen=True, slots=True)
class FactorShown:
    """One factor; `exchange_id` is how the exchange calls a passkey, what support needs for removing it."""

    id: str
    method: str
    label: str
    exchange_id: str
    enrolled_at: datetime
    counts_from: datetime
    counts: bool


def factors_of(customer: Customer) -> list[FactorShown]:
    """Return the customer's living factors, the oldest first."""
    now = clock.now()
    return [
        FactorShown(
            id=factor.public_id,
            method=factor.method,
            label=factor.label,
            exchange_id=factor.exchange_id,
            enrolled_at=factor.enrolled_at,
            counts_from=factor.counts_from,
            counts=factor.counts_from <= now,
        )
        for factor in CustomerFactor.objects.filter(customer=customer, end__isnull=True).order_by("pk")
    ]


def passkeys_on_the_way(customer: Customer) -> int:
    """Return how many passkeys the exchange has accepted and the verifier has still to keep."""
    return FactorToKeep.objects.filter(customer=customer).count()
