"""Zendesk Guide: `categories`, `sections` and `articles` of its Help Center API in one JSON file."""

from pathlib import Path

from kb.interchange import exports
from kb.interchange.foreign_html import as_markdown
from kb.interchange.shapes import Library, Refusal, Text


def read(place: Path) -> Library:
    """Return what the file holds."""
    library = Library()
    found = exports.loaded(place, library)
    sections = {row.get("id"): row for row in exports.rows(found, "sections")}
    names: dict[object, str] = {}
    for row in exports.rows(found, "categories"):
        code = exports.language(row.get("locale"))
        slug = names[row.get("id")] = exports.short(str(row.get("name")), f"category-{row.get('id')}")
        parts = [
            exports.shelf(_section(one), str(one.get("name") or ""), code)
            for one in sections.values()
            if one.get("category_id") == row.get("id")
        ]
        told = str(row.get("description") or "")
        library.shelves.append(exports.shelf(slug, str(row.get("name") or ""), code, parts, told))
    for row in exports.rows(found, "articles"):
        section = sections.get(row.get("section_id"))
        name = str(row.get("title") or row.get("name") or "")
        if section is None or not name or section.get("category_id") not in names:
            library.refusals.append(Refusal(f"article {row.get('id')}", "no title, section or category"))
            continue
        library.texts.append(
            Text(
                slug=exports.short(name, f"article-{row.get('id')}"),
                language=exports.language(row.get("locale")),
                category=names[section["category_id"]],
                section=_section(section),
                title=name[:160],
                body=as_markdown(str(row.get("body") or "")),
                tags=tuple(str(tag) for tag in row.get("label_names") or ()),
                is_faq=bool(row.get("promoted")),
                is_draft=bool(row.get("draft")),
                is_staff_only=bool(row.get("user_segment_id")),
            )
        )
    return library


def _section(row: dict[str, object]) -> str:
    return exports.short(str(row.get("name")), f"section-{row.get('id')}")
