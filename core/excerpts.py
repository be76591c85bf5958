"""Beginnings of texts that end between two signs: never inside an emoji, a flag or an accented letter."""

import unicodedata

JOINER = "\u200d"
# Variation selectors, the tags that make the flags of regions, and skin tones (UAX #29, GB9; UTS #51).
_EXTENDING = (("\ufe00", "\ufe0f"), ("\U000e0020", "\U000e007f"), ("\U0001f3fb", "\U0001f3ff"))
_REGIONAL = ("\U0001f1e6", "\U0001f1ff")
# No sign that means something is longer; behind so many marks in a row any place is as good.
LONGEST = 64


def cut(text: str, most: int) -> str:
    """Return the first `most` characters of `text`, or fewer: what would be cut apart is left out whole."""
    if len(text) <= most:
        return text
    for end in range(most, max(most - LONGEST, 0), -1):
        if not _is_inside(text, end):
            return text[:end]
    return text[:most]


def _is_inside(text: str, end: int) -> bool:
    """Return whether what stands before and after `end` is one sign."""
    before, after = text[end - 1], text[end]
    if after == JOINER or _extends(after):
        return True
    if before == JOINER:
        return True
    return _is_regional(after) and _flags_before(text, end) % 2 == 1


def _extends(sign: str) -> bool:
    return unicodedata.category(sign) in ("Mn", "Me", "Mc") or any(low <= sign <= high for low, high in _EXTENDING)


def _is_regional(sign: str) -> bool:
    return _REGIONAL[0] <= sign <= _REGIONAL[1]


def _flags_before(text: str, end: int) -> int:
    """Return how many regional indicators stand in a row before `end`: two are one flag."""
    start = end
    while start > 0 and _is_regional(text[start - 1]):
        start -= 1
    return end - start
