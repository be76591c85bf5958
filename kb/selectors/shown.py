"""What readers see: categories, articles in the best language there is for them, and what stands around an article."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from kb import languages
from kb.models import (
    Article,
    Category,
    CategoryText,
    GlossaryTerm,
    Revision,
    Section,
    SectionText,
    Significance,
    SlugRedirect,
    Translation,
)

MOST_IN_SECTION = 100
MOST_TERMS = 600
MOST_FAQ = 40
MOST_RELATED = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One article in a list."""

    title: str
    summary: str
    slug: str
    language: str


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section with its articles; `has_more` when only the first are here."""

    name: str
    slug: str
    lines: list[Line]
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class CategoryShown:
    """A category as its tile or its page shows it."""

    name: str
    description: str
    slug: str
    count: int = 0
    sections: tuple[SectionShown, ...] = ()


@dataclass(frozen=True, slots=True)
class Others:
    """An article's address in another language."""

    language: str
    name: str
    slug: str


def categories(language: str) -> list[CategoryShown]:
    """Return every category that has something to read."""
    counted = Category.objects.annotate(
        count=Count(
            "sections__articles",
            filter=Q(
                sections__articles__is_staff_only=False,
                sections__articles__translations__published__isnull=False,
                sections__articles__translations__language__in=languages.chain(language),
            ),
            distinct=True,
        )
    )
    found = [row for row in counted.prefetch_related("texts") if row.count]
    return [
        CategoryShown(_name(row.texts.all(), language, row.slug), _told(row.texts.all(), language), row.slug, row.count)
        for row in found
    ]


def category(slug: str, language: str, *, section: str = "") -> CategoryShown | None:
    """Return a category with its sections, or with one of them; None when there is none."""
    row = Category.objects.filter(slug=slug).prefetch_related("texts").first()
    if row is None:
        return None
    parts = row.sections.prefetch_related("texts")
    parts = parts.filter(slug=section) if section else parts
    shown = tuple(found for part in parts if (found := _section(part, language, is_whole=bool(section))).lines)
    if section and not shown:
        return None
    texts = row.texts.all()
    return CategoryShown(_name(texts, language, row.slug), _told(texts, language), row.slug, sections=shown)


def _section(row: Section, language: str, *, is_whole: bool) -> SectionShown:
    most = MOST_IN_SECTION * (10 if is_whole else 1)
    articles = Article.objects.public().filter(section=row, translations__published__isnull=False).distinct()
    pks = list(articles.order_by("position", "slug").values_list("pk", flat=True)[: most + 1])
    lines = best_of(pks[:most], language)
    return SectionShown(_name(row.texts.all(), language, row.slug), row.slug, lines, len(pks) > most)


def best_of(articles: Sequence[int], language: str, *, rows: "QuerySet[Translation] | None" = None) -> list[Line]:
    """Return these articles, in this order, each in the first language of the reader's that it is published in."""
    chain = languages.chain(language)
    known = Translation.objects.public() if rows is None else rows
    found: dict[int, Translation] = {}
    for row in known.filter(article__in=articles, language__in=chain).select_related("published"):
        kept = found.get(row.article_id)
        if kept is None or chain.index(row.language) < chain.index(kept.language):
            found[row.article_id] = row
    return [line(found[pk]) for pk in articles if pk in found]


def line(row: Translation) -> Line:
    """Return a translation as lists show it."""
    shown = row.published
    return Line(shown.title if shown else "", shown.summary if shown else "", row.slug, row.language)


def translation(slug: str, language: str) -> Translation | None:
    """Return what a reader of `language` is to see at an address: by its slug now or before, or the article's own name.

    It may be in another language of the reader's chain, and at another address.
    """
    chain = languages.chain(language)
    article = (
        Translation.objects.public().filter(slug=slug, language__in=chain).values_list("article", flat=True).first()
        or SlugRedirect.objects.filter(slug=slug, language__in=chain)
        .values_list("translation__article", flat=True)
        .first()
        or Article.objects.filter(slug=slug).values_list("pk", flat=True).first()
        or Translation.objects.public().filter(slug=slug).values_list("article", flat=True).first()
    )
    if article is None:
        return None
    rows = (
        Translation.objects.public().filter(article=article).select_related("published", "article__section__category")
    )
    by_language = {row.language: row for row in rows}
    wanted = [code for code in (*chain, *by_language) if code in by_language]
    return by_language[wanted[0]] if wanted else None


def others(row: Translation) -> list[Others]:
    """Return the languages that an article can be read in."""
    known = Translation.objects.public().filter(article=row.article_id).order_by("language")
    return [Others(one.language, languages.name(one.language), one.slug) for one in known]


def related(row: Translation, language: str) -> list[Line]:
    """Return what an article is related to."""
    pks = list(row.article.related.filter(is_staff_only=False).values_list("pk", flat=True)[:MOST_RELATED])
    return best_of(pks, language)


def outdated_by(shown: Revision, language: str, article: int) -> str:
    """Return what the source has changed since `shown` said the same: `major`, `content`, or nothing."""
    if shown.translates_id is None or language == languages.SOURCE:
        return ""
    source = Translation.objects.filter(article=article, language=languages.SOURCE).select_related("published").first()
    if source is None or source.published is None:
        return ""
    known = shown.translates.number if shown.translates else 0
    since = Revision.objects.filter(
        translation=source,
        number__lte=source.published.number,
        number__gt=known,
    ).exclude(significance=Significance.TYPO)
    said = set(since.values_list("significance", flat=True))
    return next((one for one in (Significance.MAJOR, Significance.CONTENT) if one in said), "")


def asked_often(language: str) -> list[tuple[Line, str]]:
    """Return the articles of the FAQ page with their first words; the best rated ones when none are marked."""
    public = Article.objects.public().filter(translations__published__isnull=False)
    pks = list(
        public.filter(is_faq=True)
        .distinct()
        .order_by("section__category__position", "position")
        .values_list("pk", flat=True)[:MOST_FAQ]
    )
    if not pks:
        votes = Count("translations__revisions__votes", filter=Q(translations__revisions__votes__is_helpful=True))
        ranked = public.annotate(votes=votes).order_by("-votes", "section__category__position", "position", "pk")
        pks = list(dict.fromkeys(ranked.values_list("pk", flat=True)[:MOST_FAQ]))[:12]
    return [(one, one.summary) for one in best_of(pks, language)]


def terms(language: str) -> dict[str, str]:
    """Return the glossary of the first language of the chain that has one: term → meaning."""
    for code in languages.chain(language):
        found = dict(
            GlossaryTerm.objects.filter(language=code).order_by("term").values_list("term", "meaning")[:MOST_TERMS]
        )
        if found:
            return found
    return {}


def names_of(row: Translation, language: str) -> tuple[str, str]:
    """Return what an article's category and section are called."""
    section = row.article.section
    category_texts = CategoryText.objects.filter(category=section.category_id)
    section_texts = SectionText.objects.filter(section=section.pk)
    return (
        _name(category_texts, language, section.category.slug),
        _name(section_texts, language, section.slug),
    )


def _name(texts: "Iterable[CategoryText | SectionText]", language: str, otherwise: str) -> str:
    by_language = {text.language: text.name for text in texts}
    return next((by_language[code] for code in languages.chain(language) if code in by_language), otherwise)


def _told(texts: Iterable[CategoryText], language: str) -> str:
    by_language = {text.language: text.description for text in texts if text.description}
    return next((by_language[code] for code in languages.chain(language) if code in by_language), "")
