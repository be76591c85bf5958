"""What the search knows: written with each publication, in its transaction, and rated anew once a day."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import TruncDate

from core import audit
from core.clock import from_now
from kb.markdown import render
from kb.models import ArticleClick, SearchDocument, SearchQueryLog, SearchWord, Translation
from kb.search import words

LONGEST_WORD = 60
KEPT_DAYS = 400
_DOCUMENT = """
INSERT INTO kb_searchdocument (translation_id, article_id, category_id, language, is_staff_only, tags, title, summary,
                               text, title_vector, vector, words, quality)
VALUES (%(pk)s, %(article)s, %(category)s, %(language)s, %(is_staff_only)s, %(tags)s, %(title)s, %(summary)s, %(text)s,
        to_tsvector(%(configuration)s::regconfig, %(title_words)s),
        setweight(to_tsvector(%(configuration)s::regconfig, %(title_words)s), 'A')
        || setweight(to_tsvector(%(configuration)s::regconfig, %(summary_words)s), 'B')
        || setweight(to_tsvector(%(configuration)s::regconfig, %(text_words)s), 'C'),
        %(words)s, 0.5)
ON CONFLICT (translation_id) DO UPDATE SET
    category_id = excluded.category_id, is_staff_only = excluded.is_staff_only, tags = excluded.tags,
    title = excluded.title, summary = excluded.summary, text = excluded.text,
    title_vector = excluded.title_vector, vector = excluded.vector, words = excluded.words
"""
_COUNT = """
INSERT INTO kb_searchword (language, word, documents) SELECT %s, word, %s FROM unnest(%s::text[]) AS word
ON CONFLICT (language, word) DO UPDATE SET documents = kb_searchword.documents + excluded.documents
"""
# What votes say, each article beginning with two of each kind, and how long ago it was published: half of it in a year.
_RATE = """
UPDATE kb_searchdocument AS document SET quality = rated.quality
FROM (
    SELECT translation.id,
           0.6 * (2 + count(vote.id) FILTER (WHERE vote.is_helpful)) / (4.0 + count(vote.id))
           + 0.4 * exp(-0.69 * extract(epoch FROM core.clock() - translation.published_at) / 31557600) AS quality
    FROM kb_translation AS translation
    LEFT JOIN kb_revision AS revision ON revision.translation_id = translation.id
    LEFT JOIN kb_vote AS vote ON vote.revision_id = revision.id
    WHERE translation.published_id IS NOT NULL
    GROUP BY translation.id
) AS rated
WHERE rated.id = document.translation_id AND abs(rated.quality - document.quality) > 0.01
"""


def write(*, translation: Translation) -> None:
    """Let the search know what is published of `translation` now, or forget it when nothing is."""
    with transaction.atomic():
        touch(language=translation.language)
        before = SearchDocument.objects.filter(pk=translation.pk).values_list("words", flat=True).first() or []
        if translation.published is None:
            SearchDocument.objects.filter(pk=translation.pk).delete()
            _count(translation.language, set(before), set())
            return
        fields = _fields(translation)
        with connection.cursor() as cursor:
            cursor.execute(_DOCUMENT, fields)
        _count(translation.language, set(before), set(fields["words"]))


def touch(*, language: str) -> None:
    """Say that words or synonyms of a language have changed; until the commit, others who change them wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kb_searchversion (language, number) VALUES (%s, 1) "
            "ON CONFLICT (language) DO UPDATE SET number = kb_searchversion.number + 1",
            [language],
        )


def rate() -> int:
    """Rate every article by votes and freshness; return how many are rated otherwise than before."""
    with connection.cursor() as cursor:
        cursor.execute(_RATE)
        return int(cursor.rowcount)


def forget_old_searches() -> int:
    """Delete counts of searches and clicks that are older than 400 days; return how many, recorded."""
    old = TruncDate(from_now(-timedelta(days=KEPT_DAYS)))
    with transaction.atomic():
        gone = (
            SearchQueryLog.objects.filter(day__lt=old).delete()[0]
            + ArticleClick.objects.filter(day__lt=old).delete()[0]
        )
        if gone:
            audit.record("articles.searches_forgotten", actor=audit.SYSTEM, detail={"rows": gone})
    return gone


def _fields(translation: Translation) -> dict[str, Any]:
    revision, article, language = translation.published, translation.article, translation.language
    if revision is None:
        raise ValueError(translation.pk)
    summary = words.without_identifiers(f"{revision.summary}\n{' '.join(article.tags)}")
    text = words.without_identifiers(render(revision.body, language=language).text)
    told = words.words(f"{revision.title}\n{summary}\n{text}", language)
    return {
        "pk": translation.pk,
        "article": article.pk,
        "category": article.section.category_id,
        "language": language,
        "is_staff_only": article.is_staff_only,
        "tags": article.tags,
        "title": revision.title,
        "summary": revision.summary,
        "text": text,
        "configuration": words.configuration(language),
        "title_words": words.indexed(words.without_identifiers(revision.title), language),
        "summary_words": words.indexed(summary, language),
        "text_words": words.indexed(text, language),
        "words": sorted({word for word in told if not word.isdigit() and len(word) <= LONGEST_WORD}),
    }


def _count(language: str, before: set[str], after: set[str]) -> None:
    with connection.cursor() as cursor:
        for change, moved in ((-1, sorted(before - after)), (1, sorted(after - before))):
            if moved:
                cursor.execute(_COUNT, [language, change, moved])
    SearchWord.objects.filter(language=language, documents__lte=0).delete()
