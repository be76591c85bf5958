"""Patterns of custom fields: a small part of regular expressions, always for the whole text, in time that is bounded.

There are no groups, no alternatives and no endless repetition; each piece is tried at each place once.
"""

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

MOST_PIECES, MOST_TIMES = 40, 200
_PIECE: Final = re.compile(
    r"(?P<one>\\[dw.+*?()\[\]{}|^$\\/-]|\[[^\[\]\\^]+\]|[^\\\[\]{}()|*+?^$.])"
    r"(?:(?P<maybe>\?)|\{(?P<least>\d{1,3})(?P<to>,(?P<most>\d{1,3}))?\})?"
)
_CLASSES: Final = {"\\d": "[0-9]", "\\w": "[A-Za-z0-9_]"}


class PatternRefused(ValueError):
    """It is not written in what patterns may be."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One character, and how often it may stand there."""

    one: re.Pattern[str]
    least: int
    most: int


def check(pattern: str) -> None:
    """Read a pattern. Raises PatternRefused."""
    _pieces(pattern)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says. Raises PatternRefused."""
    places = [True] + [False] * len(text)
    for piece in _pieces(pattern):
        places = _reached(piece, places, text)
    return places[-1]


def _reached(piece: _Piece, places: list[bool], text: str) -> list[bool]:
    """Return where a piece may end that begins at one of these places, in one walk over the text and one back."""
    # How many characters of its kind follow each place.
    follow = [0] * (len(text) + 1)
    for at in range(len(text) - 1, -1, -1):
        follow[at] = follow[at + 1] + 1 if piece.one.fullmatch(text[at]) else 0
    edges = [0] * (len(text) + 2)
    for at, is_reached in enumerate(places):
        times = min(piece.most, follow[at])
        if is_reached and times >= piece.least:
            edges[at + piece.least] += 1
            edges[at + times + 1] -= 1
    return [depth > 0 for depth in accumulate(edges[: len(text) + 1])]


def _pieces(pattern: str) -> list[_Piece]:
    found: list[_Piece] = []
    at = 0
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        if piece is None or len(found) >= MOST_PIECES:
            raise PatternRefused(pattern[at:])
        at = piece.end()
        least = 0 if piece["maybe"] else int(piece["least"] or 1)
        most = 1 if piece["maybe"] else int(piece["most"] or least) if piece["least"] else 1
        if not least <= most <= MOST_TIMES:
            raise PatternRefused(piece[0])
        found.append(_Piece(_one(piece["one"]), least, most))
    return found


def _one(written: str) -> re.Pattern[str]:
    """Return what one character may be. Raises PatternRefused."""
    if written in _CLASSES or written.startswith("["):
        try:
            return re.compile(_CLASSES.get(written, written))
        except re.error as error:
            raise PatternRefused(written) from error
    return re.compile(re.escape(written.removeprefix("\\")))
