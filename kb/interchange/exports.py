"""What the readers of other help centres' exports share: loading JSON, short names, and telling what was left out."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from kb import languages
from kb.interchange.shapes import Library, Refusal, Shelf

LARGEST = 50_000_000


def loaded(place: Path, library: Library) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one, and a refusal, when it is none."""
    try:
        if place.stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST} bytes")
        found = json.loads(place.read_text("utf-8"))
        if not isinstance(found, dict):
            raise TypeError("not an object")
    except (ValueError, OSError, TypeError, RecursionError) as error:
        library.refusals.append(Refusal(place.name, str(error)[:200]))
        return {}
    return found


def short(text: str, otherwise: str) -> str:
    """Return a short name for `text`, or `otherwise` where it has no letters for one."""
    return re.sub(r"[^a-z0-9]+", "-", slugify(text)).strip("-")[:80] or otherwise


def language(code: object) -> str:
    """Return the language of ours for another's code."""
    return languages.nearest(str(code or languages.SOURCE))


def rows(found: dict[str, Any], name: str) -> Iterable[dict[str, Any]]:
    """Return the objects of a list in the export."""
    return [row for row in found.get(name) or () if isinstance(row, dict)]


def shelf(slug: str, name: str, code: str, sections: Iterable[Shelf] = (), told: str = "") -> Shelf:
    """Return a shelf that is named in one language."""
    return Shelf(
        slug=slug,
        names={code: name or slug},
        descriptions={code: told} if told else {},
        sections=tuple(sections),
    )
