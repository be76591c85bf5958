"""A folder of Markdown files: `<language>/<category>/<section>/<slug>.md` with a YAML front matter, and `tree.yaml`."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from kb import languages
from kb.interchange.shapes import Library, Refusal, Shelf, Text

FRONT = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n", re.DOTALL)
LARGEST = 400_000


class UnreadableError(ValueError):
    """A file is not what it is to be; the message says why."""


def read(folder: Path) -> Library:
    """Return what the folder holds; files that cannot be read are refusals with their place."""
    library = Library()
    _each(library, folder / "tree.yaml", lambda found: library.shelves.extend(_shelves(found)))
    _each(library, folder / "glossary.yaml", lambda found: library.terms.extend(_terms(found)))
    _each(library, folder / "synonyms.yaml", lambda found: library.synonyms.extend(_synonyms(found)))
    for language in sorted(languages.LANGUAGES):
        for path in sorted((folder / language).glob("*/*/*.md")):
            where = str(path.relative_to(folder))
            try:
                library.texts.append(_text(path, language))
            except (UnreadableError, yaml.YAMLError, OSError, UnicodeDecodeError) as error:
                library.refusals.append(Refusal(where, str(error).splitlines()[0][:200]))
    return library


def written(text: Text) -> str:
    """Return an article as a file of such a folder."""
    front: dict[str, Any] = {"title": text.title, "summary": text.summary, "tags": list(text.tags)}
    front["related"] = list(text.related)
    front["position"] = text.position
    if text.review_by:
        front["review_by"] = text.review_by
    for name, value in (("staff_only", text.is_staff_only), ("faq", text.is_faq), ("draft", text.is_draft)):
        if value:
            front[name] = True
    if text.address and text.address != text.slug:
        front["address"] = text.address
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{head}---\n{text.body.strip()}\n"


def tree_written(shelves: list[Shelf]) -> str:
    """Return `tree.yaml`."""
    return str(yaml.safe_dump([_plain(shelf) for shelf in shelves], allow_unicode=True, sort_keys=False, width=1000))


def _plain(shelf: Shelf) -> dict[str, Any]:
    found: dict[str, Any] = {"slug": shelf.slug, "name": shelf.names}
    if shelf.descriptions:
        found["description"] = shelf.descriptions
    if shelf.sections:
        found["sections"] = [_plain(section) for section in shelf.sections]
    return found


def _each(library: Library, path: Path, take: Any) -> None:  # noqa: ANN401 -- a function of what YAML held
    if not path.exists():
        return
    try:
        take(yaml.safe_load(_content(path)) or [])
    except (UnreadableError, yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        library.refusals.append(Refusal(path.name, f"{type(error).__name__}: {error}".splitlines()[0][:200]))


def _content(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise UnreadableError(f"larger than {LARGEST} bytes")
    return path.read_text("utf-8")


def _text(path: Path, language: str) -> Text:
    content = _content(path)
    head = FRONT.match(content)
    front = yaml.safe_load(head[1]) if head else None
    if head is None or not isinstance(front, Mapping) or not front.get("title"):
        raise UnreadableError("no front matter with a title")
    review_by = front.get("review_by")
    return Text(
        slug=path.stem,
        language=language,
        category=path.parts[-3],
        section=path.parts[-2],
        title=str(front["title"]),
        summary=str(front.get("summary") or ""),
        body=content[head.end() :].strip(),
        address=str(front.get("address") or ""),
        tags=tuple(str(one) for one in front.get("tags") or ()),
        related=tuple(str(one) for one in front.get("related") or ()),
        position=int(front.get("position") or 100),
        review_by=review_by if isinstance(review_by, date) else None,
        is_staff_only=bool(front.get("staff_only")),
        is_faq=bool(front.get("faq")),
        is_draft=bool(front.get("draft")),
    )


def _shelves(found: Any) -> Iterator[Shelf]:  # noqa: ANN401 -- whatever YAML held
    for one in found:
        sections = tuple(_shelves(one.get("sections") or ()))
        yield Shelf(
            slug=str(one["slug"]),
            names={str(code): str(said) for code, said in one["name"].items()},
            descriptions={str(code): str(said) for code, said in (one.get("description") or {}).items()},
            sections=sections,
        )


def _terms(found: Any) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 -- whatever YAML held
    for one in found:
        for code, term in one["term"].items():
            yield str(code), str(term), str(one["meaning"][code])


def _synonyms(found: Any) -> Iterator[tuple[str, tuple[str, ...]]]:  # noqa: ANN401 -- whatever YAML held
    """By language, lists of words; or a list of those."""
    for one in [found] if isinstance(found, Mapping) else found:
        for code, groups in one.items():
            for group in groups if groups and isinstance(groups[0], list) else [groups]:
                yield str(code), tuple(str(word) for word in group)
