"""Cutting a text into the pieces that a vendor takes."""

from collections.abc import Callable


def utf16_units(character: str) -> int:
    """Return how many UTF-16 units a character takes."""
    return 2 if ord(character) > 0xFFFF else 1


def pieces(text: str, longest: int, cost: Callable[[str], int] = utf16_units) -> list[str]:
    """Return pieces of at most so many units, cut at a line end or a space where there is one.

    `cost` is a character's, 1 or 2; UTF-16's unless another is given.
    """
    found, rest = [], text.strip()
    while rest:
        fits = _fitting(rest, longest, cost)
        if fits < len(rest):
            cut = max(rest.rfind("\n", 0, fits), rest.rfind(" ", 0, fits))
            fits = cut if cut > fits // 2 else fits
        piece = rest[:fits].rstrip()
        found += [piece] if piece else []
        rest = rest[fits:].lstrip()
    return found


def _fitting(text: str, units: int, cost: Callable[[str], int]) -> int:
    """Return how many characters at the beginning are within so many units."""
    if len(text) <= units // 2:
        return len(text)
    used = 0
    for place, character in enumerate(text):
        used += cost(character)
        if used > units:
            return place
    return len(text)
