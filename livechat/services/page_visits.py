"""Which pages of the embedding site a visitor has been on: noted, bounded, and removed in time."""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote

from django.db import transaction

from core import audit
from core.audit import SYSTEM
from core.clock import from_now
from core.storable_text import storable
from livechat.models import PageVisit, Visitor
from livechat.models.page_visit import KEPT, MAX_PATH
from security.redaction import redact

LIFE = timedelta(days=30)
MOST_AGO_S = 24 * 60 * 60
BATCH = 1_000
# A part of a path that may be a key to something: long, with a digit.
TOKEN = re.compile(r"(?=[^/]*\d)[^/]{24,}")


@dataclass(frozen=True, slots=True)
class Seen:
    """A page, and how many seconds ago the visitor came to it, as their browser says."""

    path: str
    ago_s: int


def note(*, visitor: Visitor, pages: list[Seen]) -> None:
    """Keep the paths of these pages, oldest first, and the last 20 of this visitor in all."""
    rows = [
        PageVisit(
            visitor=visitor, path=cleaned(page.path), at=from_now(-timedelta(seconds=min(page.ago_s, MOST_AGO_S)))
        )
        for page in pages[-KEPT:]
    ]
    with transaction.atomic():
        PageVisit.objects.bulk_create(rows)
        kept = PageVisit.objects.filter(visitor=visitor).order_by("-at", "-pk").values("pk")[:KEPT]
        PageVisit.objects.filter(visitor=visitor).exclude(pk__in=kept).delete()


def cleaned(path: str) -> str:
    """Return a path without query, fragment, secrets and what looks like a key; '/' when nothing is left."""
    bare = storable(unquote(path.partition("?")[0].partition("#")[0]))
    return redact(TOKEN.sub("…", bare)).text[:MAX_PATH] or "/"


def tidy() -> int:
    """Delete what is older than 30 days; returns how many rows."""
    gone = 0
    while count := _delete_some():
        gone += count
    if gone:
        audit.record("page_visits.deleted", actor=SYSTEM, detail={"count": gone})
    return gone


def _delete_some() -> int:
    old = PageVisit.objects.filter(at__lt=from_now(-LIFE)).order_by("at").values("pk")[:BATCH]
    return PageVisit.objects.filter(pk__in=old).delete()[0]
