"""How a name looks to a person: the skeleton of Unicode Technical Standard #39, section 4, and near misses.

The table of confusable characters is Unicode's, as the package confusable-homoglyphs ships it.
"""

import unicodedata
from functools import cache

from confusable_homoglyphs import confusables

# Letters drawn in pairs that readers take for one.
PAIRS = (("vv", "w"), ("rn", "m"), ("cl", "d"), ("nn", "m"))
SEPARATORS = dict.fromkeys(map(ord, " ._-·"), None)
# A shorter name has too many neighbours.
NEAR_FROM = 5


def has_hidden(text: str) -> bool:
    """Whether it holds what is not seen: zero-width, direction and other format characters, soft hyphens."""
    return any(unicodedata.category(letter) in {"Cf", "Cc"} or letter in "\u034f\u115f\u1160\u3164" for letter in text)


def skeletons(text: str) -> frozenset[str]:
    """Return what `text` looks like, as it is written and in small letters: I looks like l, i does not."""
    return frozenset({_skeleton(text), _skeleton(text.casefold())})


def latin(letter: str) -> str:
    """Return the small Latin letter that this one is drawn like; empty when there is none."""
    prototype = _prototype(letter)
    return prototype if prototype.isascii() else ""


def looks_like(given: str, ours: str) -> bool:
    """Whether readers may take `given` for `ours`, or find `ours` within it; never for the same text."""
    names = {name.translate(SEPARATORS) for name in skeletons(ours)}
    seen = {name.translate(SEPARATORS) for name in skeletons(given)}
    if names & seen:
        return True
    return any(
        len(name) >= NEAR_FROM and (name in one or (abs(len(name) - len(one)) <= 1 and _is_near(name, one)))
        for name in names
        for one in seen
    )


def _skeleton(text: str) -> str:
    seen = "".join(letter for letter in text if not has_hidden(letter))
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", seen))
    drawn = "".join(_prototype(letter) for letter in plain if not unicodedata.combining(letter))
    for pair, one in PAIRS:
        drawn = drawn.replace(pair, one)
    return drawn.casefold()


@cache
def _prototype(letter: str) -> str:
    """Return the letter that stands for all that look like this one; small Latin where there is one."""
    others = [str(other["c"]).strip("\u200e\u200f") for other in confusables.confusables_data.get(letter, ())]
    if len(others) > 1 or not others:
        return _fold(letter)
    # One entry: the prototype of this letter, or of a pair the other half.
    back = confusables.confusables_data.get(others[0], ())
    return min(_fold(letter), _fold(others[0])) if len(back) == 1 else _fold(others[0])


def _fold(letter: str) -> str:
    return letter.casefold() if letter.casefold() != "i" or letter == "i" else "l"


def _is_near(one: str, other: str) -> bool:
    """Whether one letter was changed, added, left out, or two neighbours swapped (Damerau-Levenshtein 1)."""
    if len(one) > len(other):
        one, other = other, one
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest, others = one[start:], other[start:]
    if len(one) < len(other):
        return rest == others[1:]
    return rest[1:] == others[1:] or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
