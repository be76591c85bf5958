"""The whole help centre as files: what readers see, staff-only articles included."""

from collections.abc import Iterator

from kb.interchange.shapes import Shelf, Text
from kb.models import Category, Section, Translation


def shelves() -> list[Shelf]:
    """Return the categories with their sections, in order."""
    categories = Category.objects.prefetch_related("texts", "sections__texts")
    return [
        Shelf(
            slug=category.slug,
            names={text.language: text.name for text in category.texts.all()},
            descriptions={text.language: text.description for text in category.texts.all() if text.description},
            sections=tuple(_section(section) for section in category.sections.all()),
        )
        for category in categories
    ]


def _section(section: Section) -> Shelf:
    return Shelf(slug=section.slug, names={text.language: text.name for text in section.texts.all()})


def texts() -> Iterator[Text]:
    """Yield what is published, one article and language at a time."""
    rows = Translation.objects.published().select_related("article__section__category", "published")
    for row in rows.prefetch_related("article__related").order_by("pk").iterator(chunk_size=200):
        article, shown = row.article, row.published
        if shown is None:
            continue
        yield Text(
            slug=article.slug,
            language=row.language,
            category=article.section.category.slug,
            section=article.section.slug,
            title=shown.title,
            summary=shown.summary,
            body=shown.body,
            address=row.slug,
            tags=tuple(article.tags),
            related=tuple(sorted(other.slug for other in article.related.all())),
            position=article.position,
            review_by=row.review_by,
            is_staff_only=article.is_staff_only,
            is_faq=article.is_faq,
        )
