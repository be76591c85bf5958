"""When a frame asks whether there is a proactive message, and the showings of a visitor."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from livechat.models import ChatInbox, ProactiveMessage, ProactiveShow, Visitor


def triggers_of(inbox: ChatInbox) -> list[dict[str, Any]]:
    """Return on which pages, and after how long there, asking makes sense: no words, and not for whom they are."""
    if not inbox.proactive_per_day:
        return []
    rows = ProactiveMessage.objects.current().filter(inbox=inbox).order_by("priority", "pk")
    return [{"paths": paths, "after_s": after_s} for paths, after_s in rows.values_list("paths", "after_s")]


def of_visitor(visitor: Visitor, public_id: str) -> ProactiveShow | None:
    """Return one of this visitor's showings."""
    return ProactiveShow.objects.filter(visitor=visitor, public_id=public_id).first()


def with_counters(messages: QuerySet[ProactiveMessage]) -> QuerySet[ProactiveMessage]:
    """Count for each how often it was shown, opened and dismissed, and how many conversations began with it."""
    return messages.annotate(
        shown_count=Count("shows"),
        opened_count=Count("shows", filter=Q(shows__opened_at__isnull=False)),
        dismissed_count=Count("shows", filter=Q(shows__dismissed_at__isnull=False)),
        converted_count=Count("shows", filter=Q(shows__chat__isnull=False)),
    )
