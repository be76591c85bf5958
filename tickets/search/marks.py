"""Marking what was looked for in a text, letter by letter: what PostgreSQL's own headlines do not know."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tickets.search.language import Term

# Private characters, taken out of texts before PostgreSQL puts them in: nothing that anybody wrote becomes a mark.
START, STOP = "\ue000", "\ue001"
# What PostgreSQL would take for markup, and what stands for it until it is shown.
SHARP, BLUNT = "<>", "\ue002\ue003"
MARKS = START + STOP + BLUNT
AROUND = 80
_MARKED: Final = re.compile(f"{START}([^{START}{STOP}]*){STOP}")
_SHARPENED: Final = str.maketrans(BLUNT, SHARP)
_CJK: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUN: Final = re.compile(f"[{_CJK}]+")
# What has a stem is left to PostgreSQL.
_IDENTIFIER: Final = re.compile(r"(?=.*[0-9@]|.{16})[A-Za-z0-9._%+@-]{6,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text, and whether it is what was looked for."""

    text: str
    is_hit: bool = False


def exact(terms: Sequence[Term]) -> list[str]:
    """Return what stands in the text as it was typed: runs of Chinese, Japanese and Korean, and identifiers."""
    found: list[str] = []
    for term in terms:
        if term.operator or term.is_negated:
            continue
        found += _RUN.findall(term.value)
        if not term.is_phrase and _IDENTIFIER.fullmatch(term.value):
            found.append(term.value)
    return found


def in_text(text: str, literals: Sequence[str]) -> tuple[Piece, ...] | None:
    """Return the text around the first of these, with all of them marked; None when none is there."""
    pattern = _pattern(literals, text)
    first = pattern.search(text) if pattern else None
    if pattern is None or first is None:
        return None
    begins, ends = max(0, first.start() - AROUND), first.end() + AROUND
    cut = _in_one_line(text[begins:ends])
    pieces = _split(cut, pattern)
    before = [Piece("… ")] if begins else []
    after = [Piece(" …")] if ends < len(text) else []
    return (*before, *pieces, *after)


def in_headline(headline: str) -> tuple[Piece, ...]:
    """Return a headline of PostgreSQL's in pieces."""
    line = _in_one_line(headline)
    found: list[Piece] = []
    end = 0
    for mark in _MARKED.finditer(line):
        found += [Piece(line[end : mark.start()]), Piece(mark[1], is_hit=True)]
        end = mark.end()
    found.append(Piece(line[end:]))
    return tuple(Piece(piece.text.replace(START, "").replace(STOP, ""), piece.is_hit) for piece in found if piece.text)


def _pattern(literals: Sequence[str], text: str) -> re.Pattern[str] | None:
    """Whole runs first; where a run is not there as a whole, its pairs."""
    known = [literal for literal in literals if literal.casefold() in text.casefold()]
    for literal in literals:
        if literal not in known and _RUN.fullmatch(literal):
            known += [literal[at : at + 2] for at in range(len(literal) - 1)]
    if not known:
        return None
    return re.compile("|".join(re.escape(one) for one in sorted(set(known), key=len, reverse=True)), re.IGNORECASE)


def _split(text: str, pattern: re.Pattern[str]) -> list[Piece]:
    found: list[Piece] = []
    end = 0
    for mark in pattern.finditer(text):
        found += [Piece(text[end : mark.start()]), Piece(mark[0], is_hit=True)]
        end = mark.end()
    found.append(Piece(text[end:]))
    return [piece for piece in found if piece.text]


def _in_one_line(text: str) -> str:
    return " ".join(text.translate(_SHARPENED).split())
