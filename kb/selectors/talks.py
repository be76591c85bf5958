"""Recorded talks, each in the reader's language or the one that stands in for it."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from kb import languages
from kb.markdown import render
from kb.models import Talk

MOST = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A talk as its page shows it; `video` is safe HTML, a player or a link."""

    slug: str
    language: str
    title: str
    speaker: str
    minutes: int
    video: SafeString
    transcript: SafeString


def listed(language: str) -> list[Talk]:
    """Return every talk that is shown, in their order."""
    found: dict[str, Talk] = {}
    chain = languages.chain(language)
    for row in _public(language).order_by("position", "slug")[:MOST]:
        kept = found.get(row.slug)
        if kept is None or chain.index(row.language) < chain.index(kept.language):
            found[row.slug] = row
    return list(found.values())


def one(slug: str, language: str) -> Shown | None:
    """Return one of them."""
    chain = languages.chain(language)
    row = min(_public(language).filter(slug=slug), key=lambda talk: chain.index(talk.language), default=None)
    if row is None:
        return None
    title = "".join(sign for sign in row.title if sign not in "[]\\")
    return Shown(
        slug=row.slug,
        language=row.language,
        title=row.title,
        speaker=row.speaker,
        minutes=row.minutes,
        video=_html(f"![{title}]({row.video})" if row.video else "", row.language),
        transcript=_html(row.transcript, row.language),
    )


def _public(language: str) -> "QuerySet[Talk]":
    return Talk.objects.filter(is_shown=True, language__in=languages.chain(language))


def _html(text: str, language: str) -> SafeString:
    return mark_safe(render(text, language=language).html)  # noqa: S308 -- made by kb.markdown
