"""Visitors who never said anything: kept for a while after their last visit, then removed with the pages they were on.

Who has spoken, or is known by the exchange, stays: a trigger of the database refuses otherwise.
"""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction

from core import audit
from core.clock import from_now
from livechat.models import Visitor

BATCH = 500

log = structlog.get_logger(__name__)


def sweep() -> int:
    """Remove them in batches, each in a transaction of its own; returns how many visitors. Safe to break off.

    Whoever is just now saying their first words is passed over: their row is held.
    """
    visitors = rows = 0
    while removed := _some():
        visitors += removed[0]
        rows += removed[1]
    if visitors:
        log.info("silent_visitors_removed", visitors=visitors, page_visits=rows)
    return visitors


def _some() -> tuple[int, int] | None:
    """Remove one batch and record it; returns visitors and page visits, None when there was nobody."""
    old = from_now(-timedelta(days=settings.CHAT_SILENT_VISITORS_DAYS))
    silent = Visitor.objects.filter(customer__isnull=True, session__isnull=True, chats__isnull=True, seen_at__lt=old)
    with transaction.atomic():
        locked = silent.select_for_update(of=("self",), no_key=False, skip_locked=True).order_by("seen_at")
        found = list(locked.values_list("pk", flat=True)[:BATCH])
        if not found:
            return None
        _all, removed = Visitor.objects.filter(pk__in=found).delete()
        visitors, pages = removed.get("livechat.Visitor", 0), removed.get("livechat.PageVisit", 0)
        about: dict[str, audit.Detail] = {"visitors": visitors, "page_visits": pages}
        audit.record("visitors.deleted", actor=audit.SYSTEM, detail=about)
    return visitors, pages
