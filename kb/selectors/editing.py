"""What editors see: lists of work, one translation with its history, and differences between revisions."""

import difflib
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import Permission
from core.clock import DatabaseNow
from kb import languages
from kb.models import (
    Article,
    EditLock,
    Feedback,
    Revision,
    ScheduledPublication,
    Significance,
    State,
    Translation,
)

MOST = 100
MOST_LINES = 4_000
LISTS = {
    "all": _("All"),
    "review": _("To review"),
    "translate": _("To translate"),
    "outdated": _("Out of date"),
    "overdue": _("To look at again"),
    "mine": _("Mine"),
}


@dataclass(frozen=True, slots=True)
class Work:
    """What a list shows: translations, or articles without one in a language."""

    rows: list[Translation]
    missing: list[tuple[Article, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference: `same`, `added` or `gone`."""

    kind: str
    text: str


def work(name: str, *, person: Staff, language: str, state: str, text: str) -> Work:
    """Return one of LISTS, narrowed; the newest change first, at most a hundred."""
    rows: QuerySet[Translation] = Translation.objects.select_related("article__section", "current__author", "published")
    rows = rows.filter(language=language) if language else rows
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(Q(current__title__icontains=text) | Q(article__slug__icontains=text)) if text else rows
    if name == "review":
        rows = rows.filter(state=State.REVIEW)
    elif name == "overdue":
        rows = rows.filter(published__isnull=False, review_by__lte=TruncDate(DatabaseNow()))
    elif name == "mine":
        rows = rows.filter(revisions__author=person).distinct()
    elif name in {"outdated", "translate"}:
        rows = outdated(rows)
    missing = _untranslated(language or "zh-hans", text) if name == "translate" else []
    return Work(list(rows.order_by("-updated_at", "-pk")[:MOST]), missing)


def outdated(rows: "QuerySet[Translation]") -> "QuerySet[Translation]":
    """Return the translations whose source has changed in more than spelling since they said the same."""
    source_since = Revision.objects.filter(
        translation__article=OuterRef("article"),
        translation__language=languages.SOURCE,
        number__gt=OuterRef("current__translates__number"),
        number__lte=F("translation__published__number"),
    ).exclude(significance=Significance.TYPO)
    return rows.exclude(language=languages.SOURCE).filter(Exists(source_since))


def _untranslated(language: str, text: str) -> list[tuple[Article, str]]:
    there = Translation.objects.filter(article=OuterRef("pk"), language=language)
    source = Translation.objects.filter(article=OuterRef("pk"), language=languages.SOURCE, published__isnull=False)
    articles = Article.objects.filter(~Exists(there), Exists(source)).select_related("section")
    articles = articles.filter(slug__icontains=text) if text else articles
    return [(article, language) for article in articles.order_by("section", "position", "slug")[:MOST]]


def one(public_id: str) -> Translation | None:
    """Return a translation with what its page shows."""
    rows = Translation.objects.select_related(
        "article__section__category", "current__author", "published", "reviewed_by", "current__translates"
    )
    return rows.filter(public_id=public_id).first()


def around(row: Translation, person: Staff) -> dict[str, Any]:
    """Return what stands around a translation: its history, its languages, words of colleagues and of readers."""
    held = EditLock.objects.held().filter(translation=row).select_related("holder").first()
    planned = ScheduledPublication.objects.filter(translation=row, state=ScheduledPublication.State.PLANNED).first()
    siblings = {other.language: other for other in Translation.objects.filter(article=row.article_id)}
    can_publish = person.has(Permission.ARTICLE_PUBLISH)
    is_own = row.current is not None and row.current.author_id == person.pk
    return {
        "revisions": row.revisions.select_related("author")
        .prefetch_related("reviews__reviewer")
        .order_by("-number")[:50],
        "comments": row.comments.select_related("author").order_by("at")[:100],
        "feedback": Feedback.objects.filter(revision__translation=row, handled_at__isnull=True).order_by("-at")[:50],
        "lock": held if held is not None and held.holder_id != person.pk else None,
        "planned": planned,
        "siblings": siblings.values(),
        "untranslated": [(code, languages.name(code)) for code in languages.LANGUAGES if code not in siblings],
        "can_publish": can_publish,
        "can_let_out": can_publish and not is_own and row.state in {State.DRAFT, State.REVIEW} and row.current,
        "is_own": is_own,
    }


def difference(old: Revision | None, new: Revision) -> list[Line]:
    """Return how the text of one revision became that of another, line by line; bounded."""
    before = _lines(old) if old else []
    after = _lines(new)
    found: list[Line] = []
    for kind, first, end, start, stop in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Line("same", text) for text in before[first:end]]
            continue
        found += [Line("gone", text) for text in before[first:end]]
        found += [Line("added", text) for text in after[start:stop]]
    return found


def _lines(revision: Revision) -> list[str]:
    return [revision.title, revision.summary, "", *revision.body.splitlines()][:MOST_LINES]
