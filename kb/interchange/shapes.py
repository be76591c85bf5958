"""The one shape that every format is read into, and what could not be read."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A category or a section: its short name, and what it is called in each language."""

    slug: str
    names: dict[str, str]
    descriptions: dict[str, str] = field(default_factory=dict)
    sections: tuple["Shelf", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One article in one language."""

    slug: str
    language: str
    category: str
    section: str
    title: str
    body: str
    summary: str = ""
    address: str = ""
    tags: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    position: int = 100
    review_by: date | None = None
    is_staff_only: bool = False
    is_faq: bool = False
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not taken, and why."""

    where: str
    why: str


@dataclass(slots=True)
class Library:
    """Everything that was read."""

    shelves: list[Shelf] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    synonyms: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
