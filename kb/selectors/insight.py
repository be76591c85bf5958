"""Reports of the help centre: what is searched for and not found, not opened, and what it saved customers from asking.

**Deflected**: a customer had begun to ask (web form, chat, search), was shown an article, and pressed "This solved it".
A reader counts once a day for each article. Nothing is guessed from silence.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum

from core.clock import from_now
from kb.models import Deflection, SearchQueryLog, Vote

MOST = 50
FEWEST_SEARCHES = 5
# Of so many searches that found something, less than this share opened an article.
LOW_SHARE = 0.2


def report(*, days: int) -> dict[str, Any]:
    """Return the tables for the last `days` days."""
    since = from_now(-timedelta(days=days))
    logged = SearchQueryLog.objects.filter(day__gte=since).values("language", "query")
    counted = logged.annotate(all=Sum("searches"), nothing=Sum("found_nothing"), opened=Sum("clicks"))
    found = counted.filter(all__gte=FEWEST_SEARCHES).annotate(with_results=F("all") - F("nothing"))
    solved = Deflection.objects.filter(at__gte=since)
    votes = Vote.objects.filter(at__gte=since).values("revision__translation__article__slug")
    judged = votes.annotate(good=Count("pk", filter=Q(is_helpful=True)), bad=Count("pk", filter=Q(is_helpful=False)))
    return {
        "nothing": counted.filter(nothing__gt=0).order_by("-nothing", "query")[:MOST],
        "unopened": found.filter(with_results__gt=0, opened__lt=F("with_results") * LOW_SHARE).order_by("-all")[:MOST],
        "solved": solved.values("article__slug", "door").annotate(count=Count("pk")).order_by("-count")[:MOST],
        "solved_count": solved.count(),
        "disliked": judged.filter(bad__gt=0).order_by("-bad")[:MOST],
    }
