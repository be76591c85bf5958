"""Zammad's knowledge base: the `assets` of its API in one JSON file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kb.interchange import exports
from kb.interchange.foreign_html import as_markdown
from kb.interchange.shapes import Library, Refusal, Text


def read(place: Path) -> Library:
    """Return what the file holds; each category of Zammad becomes a category with one section of the same name."""
    library = Library()
    found = exports.loaded(place, library)
    held = found.get("assets", found)
    locales = {str(row.get("id")): _code(row, held) for row in _rows(held, "KnowledgeBaseLocale")}
    bodies = {
        str(row.get("id")): str(row.get("body") or "") for row in _rows(held, "KnowledgeBaseAnswerTranslationContent")
    }
    shelves: dict[object, str] = {}
    for row in _rows(held, "KnowledgeBaseCategoryTranslation"):
        code, name = locales.get(str(row.get("kb_locale_id")), "en"), str(row.get("title") or "")
        slug = shelves.setdefault(row.get("category_id"), exports.short(name, f"category-{row.get('category_id')}"))
        library.shelves.append(exports.shelf(slug, name, code, [exports.shelf(f"{slug}-all", name, code)]))
    answers = {row.get("id"): row for row in _rows(held, "KnowledgeBaseAnswer")}
    for row in _rows(held, "KnowledgeBaseAnswerTranslation"):
        answer = answers.get(row.get("answer_id")) or {}
        slug = shelves.get(answer.get("category_id"), "")
        if not slug or not row.get("title"):
            library.refusals.append(Refusal(f"answer {row.get('answer_id')}", "no title or category"))
            continue
        library.texts.append(
            Text(
                slug=f"answer-{row.get('answer_id')}",
                language=locales.get(str(row.get("kb_locale_id")), "en"),
                category=slug,
                section=f"{slug}-all",
                title=str(row["title"])[:160],
                body=as_markdown(bodies.get(str(row.get("content_id")), "")),
                is_draft=not answer.get("published_at"),
                is_staff_only=bool(answer.get("internal_at")) and not answer.get("published_at"),
            )
        )
    return library


def _rows(held: Any, name: str) -> list[dict[str, Any]]:  # noqa: ANN401 -- whatever the file held
    found = held.get(name) or {} if isinstance(held, Mapping) else {}
    return [row for row in (found.values() if isinstance(found, Mapping) else found) if isinstance(row, dict)]


def _code(row: dict[str, Any], held: Any) -> str:  # noqa: ANN401 -- whatever the file held
    known = {str(one.get("id")): one.get("locale") for one in _rows(held, "Locale")}
    return exports.language(known.get(str(row.get("system_locale_id"))))
