"""What readers do: vote, tell the editors, search, open what they found, and find that they need not ask."""

from dataclasses import dataclass

from django.db import connection, transaction

from core import audit
from core.storable_text import storable
from kb.models import Article, Deflection, Feedback, Reason, Revision
from kb.search import words
from kb.services import errors
from security.redaction import redact

_VOTE = """
INSERT INTO kb_vote (revision_id, reader, is_helpful, reason, at) VALUES (%s, %s, %s, %s, core.clock())
ON CONFLICT (revision_id, reader)
DO UPDATE SET is_helpful = excluded.is_helpful, reason = excluded.reason, at = excluded.at
"""
_SEARCHED = """
INSERT INTO kb_searchquerylog (day, language, query, searches, found_nothing, clicks)
VALUES ((core.clock() AT TIME ZONE 'UTC')::date, %s, %s, 1, %s, 0)
ON CONFLICT (day, language, query) DO UPDATE SET searches = kb_searchquerylog.searches + 1,
    found_nothing = kb_searchquerylog.found_nothing + excluded.found_nothing
"""
_OPENED = """
INSERT INTO kb_articleclick (day, language, query, article_id, clicks)
VALUES ((core.clock() AT TIME ZONE 'UTC')::date, %s, %s, %s, 1)
ON CONFLICT (day, language, query, article_id) DO UPDATE SET clicks = kb_articleclick.clicks + 1
"""
_CLICKED = """
UPDATE kb_searchquerylog SET clicks = clicks + 1
WHERE day = (core.clock() AT TIME ZONE 'UTC')::date AND language = %s AND query = %s
"""
_SOLVED = """
INSERT INTO kb_deflection (article_id, language, door, reader, day, at)
VALUES (%s, %s, %s, %s, (core.clock() AT TIME ZONE 'UTC')::date, core.clock())
ON CONFLICT (article_id, reader, day) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Opinion:
    """Whether an article helped, and if not, why."""

    is_helpful: bool
    reason: str = ""


def vote(*, revision: Revision, reader: str, opinion: Opinion) -> None:
    """Keep what a reader thinks of a revision; what they thought before goes."""
    reason = opinion.reason if not opinion.is_helpful and opinion.reason in Reason.values else ""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_VOTE, [revision.pk, reader, opinion.is_helpful, reason])
        audit.record(
            "article.voted",
            actor=audit.ANONYMOUS,
            obj=("revision", revision.public_id),
            detail={"helpful": opinion.is_helpful},
        )


def tell(*, revision: Revision, text: str) -> None:
    """Hand a reader's words to the editors, secrets masked. Raises Refused for none."""
    masked = redact(storable(text).strip()).text[:2000]
    if not masked:
        raise errors.Refused
    with transaction.atomic():
        made = Feedback.objects.create(revision=revision, text=masked)
        audit.record("article.feedback", actor=audit.ANONYMOUS, obj=("feedback", made.public_id))


def searched(*, query: str, language: str, found: int) -> None:
    """Count a search, by its words alone; a query that holds nothing but names and numbers is not counted."""
    kept = words.for_the_log(query)
    if kept:
        with connection.cursor() as cursor:
            cursor.execute(_SEARCHED, [language, kept, int(found == 0)])


def opened(*, query: str, language: str, article: Article) -> None:
    """Count that an article was opened from the results of a query that was counted today."""
    kept = words.for_the_log(query)
    if not kept:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLICKED, [language, kept])
        if cursor.rowcount:
            cursor.execute(_OPENED, [language, kept, article.pk])


def solved(*, article: Article, language: str, door: str, reader: str) -> bool:
    """Keep that an article answered somebody who was about to ask; once a day for each reader and article."""
    if door not in Deflection.Door.values:
        raise errors.Refused
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_SOLVED, [article.pk, language, door, reader])
            is_new = cursor.fetchone() is not None
        if is_new:
            audit.record(
                "article.deflected",
                actor=audit.ANONYMOUS,
                obj=("article", article.public_id),
                detail={"door": door},
            )
    return is_new
