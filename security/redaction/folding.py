"""Text as the detectors read it: full-width forms made ASCII, invisible characters taken out, offsets kept."""

import re
from array import array
from dataclasses import dataclass

# Soft hyphen, zero-width and bidi controls, variation selectors, NUL: they split a secret without being seen.
_INVISIBLE = re.compile(
    "[\x00\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]+"
)
_ONE_TO_ONE = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), 0x20),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212, 0xFE63), 0x2D),
    **dict.fromkeys((0x2018, 0x2019), 0x27),
    **dict.fromkeys((0x201C, 0x201D), 0x22),
}


@dataclass(frozen=True, slots=True)
class FoldedText:
    """Folded text; `offsets[i]` is the original offset of character i (None when nothing was taken out)."""

    text: str
    offsets: "array[int] | None"

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original text of the non-empty folded span."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def caseless(text: str) -> str:
    """Lower the case so that `in` finds every word that re.IGNORECASE would find, and perhaps more.

    Patterns are slow and most texts hold none of their words: this is how to see that quickly.
    """
    if text.isascii():
        return text.lower()
    return text.casefold().replace("\u0131", "i").replace("\u0307", "")


def fold(text: str) -> FoldedText:
    """Fold `text`; linear."""
    if text.isascii() and "\x00" not in text:
        return FoldedText(text, None)
    if not _INVISIBLE.search(text):
        return FoldedText(text.translate(_ONE_TO_ONE), None)
    offsets = array("l")
    pieces: list[str] = []
    position = 0
    for gap in _INVISIBLE.finditer(text):
        pieces.append(text[position : gap.start()])
        offsets.extend(range(position, gap.start()))
        position = gap.end()
    pieces.append(text[position:])
    offsets.extend(range(position, len(text)))
    return FoldedText("".join(pieces).translate(_ONE_TO_ONE), offsets)
