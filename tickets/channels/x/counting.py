"""How long a post is to X, and cutting a text into posts: its published rules of weighted characters, version 3."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

LONGEST_POST: Final = 280
LINK_WEIGHT: Final = 23
# Code points that weigh one: Latin to Georgian, general punctuation. All others weigh two.
_LIGHT: Final = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_LINK: Final = re.compile(r"https?://[!-~]+|(?<![@\w.-])(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?:/[!-~]*)?", re.IGNORECASE)
_SYMBOL: Final = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
_DRESS: Final = "[\ufe0f\U0001f3fb-\U0001f3ff]*"
# One sign made of several weighs two: a flag, a keycap, a family.
_EMOJI: Final = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_SYMBOL}{_DRESS}(?:\u200d{_SYMBOL}{_DRESS})*"
)


def weight(text: str) -> int:
    """Return how much X counts for `text`: never less, and more only where a word may or may not be a link."""
    return sum(each for _end, each in _units(unicodedata.normalize("NFC", text)))


def public_parts(text: str) -> list[str]:
    """Cut a text into posts; several are numbered, and a link or a sign stays whole."""
    text = unicodedata.normalize("NFC", text.strip())
    if weight(text) <= LONGEST_POST:
        return [text] if text else []
    # "(99/99)" and the space before it.
    pieces = list(_pieces(text, LONGEST_POST - 8))
    return [f"{piece} ({place}/{len(pieces)})" for place, piece in enumerate(pieces, 1)]


def _pieces(text: str, budget: int) -> Iterator[str]:
    rest = text
    while rest:
        fits = _fitting(rest, budget)
        if fits < len(rest):
            cut = max(rest.rfind("\n", 0, fits + 1), rest.rfind(" ", 0, fits + 1))
            fits = cut if cut > fits // 2 else fits
        piece = rest[:fits].rstrip()
        if piece:
            yield piece
        rest = rest[fits:].lstrip()


def _fitting(text: str, budget: int) -> int:
    """Return how many characters at the beginning are within the budget; one that never fits is cut."""
    used, fits = 0, 0
    for end, each in _units(text):
        used += each
        if used > budget:
            return fits or min(end, budget // 2)
        fits = end
    return fits


def _units(text: str) -> Iterator[tuple[int, int]]:
    """Go through what cannot be cut: where each ends, and how much it weighs."""
    place = 0
    while place < len(text):
        link = _LINK.match(text, place) if text[place].isascii() and text[place].isalnum() else None
        words = link[0].rstrip(".,;:!?'\")]}") if link else ""
        if words and _starts_word(text, place):
            place += len(words)
            yield place, _link_weight(words)
            continue
        sign = _EMOJI.match(text, place)
        if sign:
            place = sign.end()
            yield place, 2
            continue
        yield place + 1, _weight_of(text[place])
        place += 1


def _starts_word(text: str, place: int) -> bool:
    return place == 0 or not (text[place - 1].isascii() and text[place - 1].isalnum())


def _link_weight(words: str) -> int:
    """A link weighs 23 however long it is; what X may take for words weighs what they do, if that is more."""
    host = words.partition("://")[2].partition("/")[0].partition(":")[0]
    is_link = re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}", host, re.IGNORECASE) is not None
    return LINK_WEIGHT if is_link else max(LINK_WEIGHT, len(words))


def _weight_of(character: str) -> int:
    point = ord(character)
    return 1 if any(first <= point <= last for first, last in _LIGHT) else 2
