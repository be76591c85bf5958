"""Taking a whole library in, of whichever format: shelves, articles, words. What cannot be taken is told."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from core import audit
from kb import languages
from kb.interchange.shapes import Library, Refusal, Shelf, Text
from kb.models import (
    Article,
    Category,
    CategoryText,
    GlossaryTerm,
    Section,
    SectionText,
    Synonym,
    Translation,
)
from kb.models.tree import plain_slug
from kb.services import errors, indexing, publishing, writing
from kb.services.writing import Placing, Wording


@dataclass(slots=True)
class Report:
    """What became of an import; texts are named `language/short-name`."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)


class _Undone(Exception):
    """Ends a dry run."""


def take(*, library: Library, dry_run: bool = False, tell: Callable[[str], None] | None = None) -> Report:
    """Write what is new or has changed; in a dry run nothing stays. One transaction."""
    report = Report(refusals=list(library.refusals))
    try:
        with transaction.atomic():
            sections = _shelve(library.shelves)
            _take_texts(library, sections, report, tell or (lambda _line: None))
            _take_words(library)
            audit.record(
                "articles.imported",
                actor=audit.SYSTEM,
                detail={
                    "added": len(report.added),
                    "changed": len(report.changed),
                    "refused": len(report.refusals),
                },
            )
            if dry_run:
                raise _Undone
    except _Undone:
        pass
    return report


def _shelve(shelves: list[Shelf]) -> dict[str, Section]:
    for place, shelf in enumerate(shelves, 1):
        category, _new = Category.objects.update_or_create(slug=shelf.slug, defaults={"position": place * 10})
        for code, name in shelf.names.items():
            CategoryText.objects.update_or_create(
                category=category,
                language=code,
                defaults={"name": name[:80], "description": shelf.descriptions.get(code, "")[:300]},
            )
        for number, part in enumerate(shelf.sections, 1):
            section, _new = Section.objects.update_or_create(
                slug=part.slug, defaults={"position": number * 10, "category": category}
            )
            for code, name in part.names.items():
                SectionText.objects.update_or_create(section=section, language=code, defaults={"name": name[:80]})
    return {section.slug: section for section in Section.objects.select_related("category")}


def _take_texts(library: Library, sections: dict[str, Section], report: Report, tell: Callable[[str], None]) -> None:
    # The source language first: others say up to which of its revisions they are the same.
    for text in sorted(library.texts, key=lambda one: (one.language != languages.SOURCE, one.language)):
        name = f"{text.language}/{text.slug}"
        section = sections.get(text.section)
        why = _refusal(text, section)
        if why or section is None:
            report.refusals.append(Refusal(name, why))
            continue
        try:
            with transaction.atomic():
                _take(text, section, report)
        except errors.Refused as refused:
            report.refusals.append(Refusal(name, f"{refused.code}: {refused}"))
        tell(name)
    for text in library.texts:
        article = Article.objects.filter(slug=text.slug).first()
        if article is None or text.language != languages.SOURCE:
            continue
        missing = writing.relate(article=article, slugs=text.related)
        report.refusals += [
            Refusal(f"{text.language}/{text.slug}", f"related: nothing is called {one}") for one in missing
        ]


def _refusal(text: Text, section: Section | None) -> str:
    if section is None:
        return f"there is no section {text.section}"
    if section.category.slug != text.category:
        return f"the section {text.section} belongs to {section.category.slug}"
    if text.language not in languages.LANGUAGES:
        return f"unknown language {text.language}"
    try:
        plain_slug(text.slug)
    except ValidationError:
        return "the short name has other signs than small letters, digits and hyphens"
    if len(text.slug) > 120 or len(text.title) > 160 or len(text.summary) > 400 or len(text.body) > 100_000:
        return "too long"
    return ""


def _take(text: Text, section: Section, report: Report) -> None:
    placing = Placing(
        section=section,
        position=text.position,
        is_staff_only=text.is_staff_only,
        is_faq=text.is_faq,
        tags=tuple(one.lower()[:40] for one in text.tags[:20]),
    )
    article = Article.objects.filter(slug=text.slug).first() or writing.create(slug=text.slug, placing=placing, by=None)
    rows = Translation.objects.select_related("current", "article__section")
    translation = rows.filter(article=article, language=text.language).first()
    if translation is None:
        translation = writing.begin(article=article, language=text.language, slug=text.address or text.slug)
    current = translation.current
    wording = Wording(title=text.title, body=text.body, summary=text.summary)
    if current is not None and (current.title, current.summary, current.body) == (
        text.title,
        text.summary,
        text.body,
    ):
        report.unchanged += 1
        return
    change = writing.Change(translates=writing.source_of(translation))
    writing.write(
        translation=translation, by=None, wording=wording, seen=current.number if current else 0, change=change
    )
    Translation.objects.filter(pk=translation.pk).update(review_by=text.review_by)
    if not text.is_draft:
        publishing.vouch(translation=translation)
    (report.changed if current else report.added).append(f"{text.language}/{text.slug}")


def _take_words(library: Library) -> None:
    for code, term, meaning in library.terms:
        GlossaryTerm.objects.update_or_create(language=code, term=term[:60], defaults={"meaning": meaning[:500]})
    known = {(row.language, tuple(row.words)) for row in Synonym.objects.all()}
    fresh = [(code, tuple(word[:60] for word in group[:30])) for code, group in library.synonyms if len(group) >= 2]
    Synonym.objects.bulk_create(
        [Synonym(language=code, words=list(group)) for code, group in fresh if (code, group) not in known]
    )
    for code in {code for code, _group in fresh}:
        indexing.touch(language=code)
