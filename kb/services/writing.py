"""Writing articles: new ones, translations, revisions, and where they stand."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit
from core.audit import Actor
from core.clock import DatabaseNow
from core.storable_text import storable
from kb import languages
from kb.markdown import render
from kb.models import Article, Comment, Revision, Section, Significance, SlugRedirect, State, Translation
from kb.services import errors, indexing, locks
from security.redaction import redact

MOST_RELATED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a revision says."""

    title: str
    body: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a revision is to those that build on it, and up to which revision of the source it says the same."""

    significance: str = Significance.CONTENT
    comment: str = ""
    based_on: Revision | None = None
    translates: Revision | None = None
    is_machine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Where an article stands, and who may read it."""

    section: Section
    position: int = 100
    is_staff_only: bool = False
    is_faq: bool = False
    tags: tuple[str, ...] = ()
    related: tuple[str, ...] = field(default=())


FIRST = Change()


def add(*, by: Staff, slug: str, placing: Placing, language: str, wording: Wording) -> Translation:
    """Add an article with its first translation, a draft. Raises Refused, AddressTaken, HoldsSecret."""
    _may_write(by)
    with transaction.atomic():
        article = create(slug=slug, placing=placing, by=by)
        translation = begin(article=article, language=language, slug=slug)
        write(translation=translation, by=by, wording=wording, seen=0)
    return translation


def create(*, slug: str, placing: Placing, by: Staff | None) -> Article:
    """Make the row of an article; nobody: an import. Raises AddressTaken."""
    try:
        with transaction.atomic():
            article = Article.objects.create(
                slug=slug,
                section=placing.section,
                position=placing.position,
                is_staff_only=placing.is_staff_only,
                is_faq=placing.is_faq,
                tags=list(placing.tags),
                created_by=by,
            )
    except IntegrityError as error:
        raise errors.AddressTaken from error
    relate(article=article, slugs=placing.related)
    audit.record("article.created", actor=_actor(by), obj=("article", article.public_id))
    return article


def begin(*, article: Article, language: str, slug: str) -> Translation:
    """Make the row of a translation, still without words. Raises AddressTaken."""
    _free(language=language, slug=slug)
    try:
        with transaction.atomic():
            return Translation.objects.create(article=article, language=language, slug=storable(slug))
    except IntegrityError as error:
        raise errors.AddressTaken from error


def translate(*, article: Article, language: str, by: Staff, wording: Wording, change: Change = FIRST) -> Translation:
    """Add a translation of an article, a draft. Raises as `add`."""
    _may_write(by)
    with transaction.atomic():
        slug = article.slug
        taken = Translation.objects.filter(language=language, slug=slug).exists()
        translation = begin(article=article, language=language, slug=f"{slug}-{article.pk}" if taken else slug)
        write(translation=translation, by=by, wording=wording, seen=0, change=change)
    return translation


def write(
    *, translation: Translation, by: Staff | None, wording: Wording, seen: int, change: Change = FIRST
) -> Revision:
    """Add a revision, which is a draft until it is reviewed; nobody: an import.

    `seen` is the number of the revision that was changed, 0 before the first.
    Raises Refused, Stale, Locked, HoldsSecret.
    """
    if by is not None:
        _may_write(by)
    _check(wording)
    with transaction.atomic():
        locked = Translation.objects.select_for_update(no_key=True).get(pk=translation.pk)
        newest = locked.revisions.aggregate(newest=Max("number"))["newest"] or 0
        if newest != seen:
            raise errors.Stale
        if by is not None:
            locks.check(translation=locked, by=by)
        revision = Revision.objects.create(
            translation=locked,
            number=newest + 1,
            title=storable(wording.title).strip(),
            summary=storable(wording.summary).strip(),
            body=storable(wording.body),
            html=render(wording.body, language=locked.language).html,
            author=by,
            significance=change.significance,
            comment=storable(change.comment),
            based_on=change.based_on or locked.current,
            translates=change.translates,
            is_machine=change.is_machine,
        )
        Translation.objects.filter(pk=locked.pk).update(current=revision, state=State.DRAFT, updated_at=DatabaseNow())
        audit.record(
            "article.written",
            actor=_actor(by),
            obj=("translation", locked.public_id),
            detail={"revision": revision.number, "significance": change.significance, "machine": change.is_machine},
        )
    translation.refresh_from_db()
    return revision


def restore(*, revision: Revision, by: Staff) -> Revision:
    """Write what an older revision said once more, as the newest; it is reviewed like any other. Raises as `write`."""
    translation = revision.translation
    newest = translation.current.number if translation.current else 0
    return write(
        translation=translation,
        by=by,
        wording=Wording(title=revision.title, summary=revision.summary, body=revision.body),
        seen=newest,
        change=Change(based_on=revision, translates=revision.translates, significance=Significance.CONTENT),
    )


def place(*, article: Article, by: Staff, placing: Placing) -> None:
    """Change where an article stands and who may read it. Raises Refused."""
    if not by.has(Permission.ARTICLE_PUBLISH):
        raise errors.Refused
    fields = {
        "section": placing.section,
        "position": placing.position,
        "is_staff_only": placing.is_staff_only,
        "is_faq": placing.is_faq,
        "tags": list(placing.tags),
    }
    with transaction.atomic():
        Article.objects.filter(pk=article.pk).update(**fields)
        relate(article=article, slugs=placing.related)
        article.refresh_from_db()
        for translation in article.translations.select_related("article__section", "published").filter(
            published__isnull=False
        ):
            indexing.write(translation=translation)
        audit.record("article.placed", actor=by.actor, obj=("article", article.public_id), fields=[*fields, "related"])


def relate(*, article: Article, slugs: Collection[str]) -> list[str]:
    """Set what an article is related to; return the short names that nothing has."""
    wanted = list(slugs)[:MOST_RELATED]
    others = Article.objects.filter(slug__in=wanted).exclude(pk=article.pk)
    article.related.set(others)
    return sorted(set(wanted) - {other.slug for other in others})


def rename(*, translation: Translation, by: Staff, slug: str) -> None:
    """Give a translation another address; the former one leads there. Raises Refused, AddressTaken."""
    if not by.has(Permission.ARTICLE_PUBLISH):
        raise errors.Refused
    former = translation.slug
    if slug == former:
        return
    try:
        with transaction.atomic():
            SlugRedirect.objects.filter(language=translation.language, slug=slug, translation=translation).delete()
            _free(language=translation.language, slug=slug)
            Translation.objects.filter(pk=translation.pk).update(slug=storable(slug))
            SlugRedirect.objects.create(language=translation.language, slug=former, translation=translation)
            audit.record("article.renamed", actor=by.actor, obj=("translation", translation.public_id), fields=["slug"])
    except IntegrityError as error:
        raise errors.AddressTaken from error
    translation.refresh_from_db()


def comment(*, translation: Translation, by: Staff, text: str) -> None:
    """Write something beside a translation, for colleagues. Raises Refused, HoldsSecret."""
    _may_write(by)
    if redact(text).findings:
        raise errors.HoldsSecret
    if not text.strip():
        raise errors.Refused
    with transaction.atomic():
        made = Comment.objects.create(translation=translation, author=by, text=storable(text)[:2000])
        audit.record(
            "article.commented",
            actor=by.actor,
            obj=("translation", translation.public_id),
            detail={"comment": made.public_id},
        )


def source_of(translation: Translation) -> Revision | None:
    """Return what is shown in the source language, which a translation is to follow."""
    if translation.language == languages.SOURCE:
        return None
    source = Translation.objects.filter(article=translation.article_id, language=languages.SOURCE)
    found = source.select_related("published").first()
    return found.published if found else None


def _free(*, language: str, slug: str) -> None:
    if SlugRedirect.objects.filter(language=language, slug=slug).exists():
        raise errors.AddressTaken


def _check(wording: Wording) -> None:
    if any(redact(text).findings for text in (wording.title, wording.summary, wording.body)):
        raise errors.HoldsSecret


def _may_write(by: Staff) -> None:
    if not by.has(Permission.ARTICLE_WRITE):
        raise errors.Refused


def _actor(by: Staff | None) -> Actor:
    return by.actor if by is not None else audit.SYSTEM
