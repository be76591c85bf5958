"""Chatwoot's help centre: `categories` and `articles` of its API in one JSON file; its texts are Markdown."""

from pathlib import Path

from kb.interchange import exports
from kb.interchange.shapes import Library, Refusal, Text

PUBLISHED = {"published", 1}


def read(place: Path) -> Library:
    """Return what the file holds; each category becomes a category with one section of the same name."""
    library = Library()
    found = exports.loaded(place, library)
    slugs: dict[object, str] = {}
    for row in exports.rows(found, "categories"):
        code, name = exports.language(row.get("locale")), str(row.get("name") or "")
        slug = slugs[row.get("id")] = exports.short(str(row.get("slug") or name), f"category-{row.get('id')}")
        told = str(row.get("description") or "")
        library.shelves.append(exports.shelf(slug, name, code, [exports.shelf(f"{slug}-all", name, code)], told))
    for row in exports.rows(found, "articles"):
        category = row.get("category") if isinstance(row.get("category"), dict) else {}
        slug = slugs.get((category or {}).get("id", row.get("category_id")), "")
        if not slug or not row.get("title"):
            library.refusals.append(Refusal(f"article {row.get('id')}", "no title or category"))
            continue
        library.texts.append(
            Text(
                slug=exports.short(str(row.get("slug") or row["title"]), f"article-{row.get('id')}"),
                language=exports.language(row.get("locale")),
                category=slug,
                section=f"{slug}-all",
                title=str(row["title"])[:160],
                summary=str(row.get("description") or "")[:400],
                body=str(row.get("content") or ""),
                position=int(row.get("position") or 100),
                is_draft=row.get("status") not in PUBLISHED,
            )
        )
    return library
