"""What was done about abuse: in one chat, to one person, and how often by whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from accounts.models import Customer
from core.clock import from_now
from livechat.models import AbuseStep, Chat

COUNTED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ByAgent:
    """How often somebody did what in the last 30 days."""

    name: str
    warned: int
    handed_over: int
    ended: int


def blocked_until(customer: Customer | None) -> datetime | None:
    """Return until when this customer begins no conversation, None when they may."""
    if customer is None:
        return None
    blocking = AbuseStep.objects.blocking().filter(customer=customer).order_by("-blocked_until")
    return blocking.values_list("blocked_until", flat=True).first()


def of_chat(chat: Chat) -> tuple[set[str], datetime | None]:
    """Return what was done in this chat, and until when it holds its customer back."""
    kinds = set(AbuseStep.objects.filter(chat=chat).values_list("kind", flat=True))
    if AbuseStep.Kind.ENDED not in kinds:
        return kinds, None
    return kinds, AbuseStep.objects.blocking().filter(chat=chat).values_list("blocked_until", flat=True).first()


def by_agent() -> list[ByAgent]:
    """Return how often each did what in the last 30 days, whoever ended most first."""
    kinds = {kind: Count("pk", filter=Q(kind=kind)) for kind in AbuseStep.Kind.values}
    rows = AbuseStep.objects.filter(at__gt=from_now(-COUNTED)).values("staff__name", "staff").annotate(**kinds)
    found = rows.order_by("-ended", "-warned", "staff__name")
    return [ByAgent(row["staff__name"], row["warned"], row["handed_over"], row["ended"]) for row in found]
