"""What was done about abuse: in one chat, to one person, and how often by whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from accounts.models import Customer, Staff
from core.clock import from_now
from livechat.models import AbuseStep, Chat
from tickets.models import Ticket

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


def by_agent(person: Staff) -> list[ByAgent]:
    """Return how often each did what in the last 30 days on tickets that `person` may see, who ended most first."""
    seen = Ticket.objects.visible_to(person).values("pk")
    rows = AbuseStep.objects.filter(at__gt=from_now(-COUNTED), chat__ticket__in=seen)
    counted = rows.values_list("staff", "staff__name").annotate(
        warned=Count("pk", filter=Q(kind="warned")),
        handed_over=Count("pk", filter=Q(kind="handed_over")),
        ended=Count("pk", filter=Q(kind="ended")),
    )
    found = [ByAgent(name, warned, handed_over, ended) for _staff, name, warned, handed_over, ended in counted]
    return sorted(found, key=lambda one: (-one.ended, -one.warned, one.name))
