"""The BIP-39 word lists and the checksum of a phrase (BIP-39, "Generating the mnemonic")."""

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from mnemonic import Mnemonic

PHRASE_LENGTHS = (12, 15, 18, 21, 24)
HAN_LISTS = ("chinese_simplified", "chinese_traditional")
_MARKED_SCRIPTS = frozenset({"japanese", "korean"})  # there a combining mark makes another word


@dataclass(slots=True)
class ChecksumBudget:
    """How many more windows may be checked in one text: beyond it, candidates are masked unchecked, never passed."""

    remaining: int = 50_000


@dataclass(frozen=True, slots=True)
class WordIndex:
    """Every word of the alphabetic lists → its (list, index) pairs; `exact` by NFKD, `bare` also without accents."""

    exact: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    bare: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)

    def places(self, word: str) -> tuple[tuple[str, int], ...]:
        """The (list, index) pairs of a normalised word; empty when it is in no list."""
        return self.exact.get(word) or self.bare.get(without_marks(word), ())


def normalise(word: str) -> str:
    """NFKD and lower case, as BIP-39 compares words."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFKD", word.lower())


def without_marks(word: str) -> str:
    """The word as people type it who have no such keys: no accents, a dotless ı as i."""
    if word.isascii():
        return word
    return "".join(letter for letter in word if not unicodedata.combining(letter)).replace("ı", "i")


@cache
def word_index() -> WordIndex:
    """The lists written in letters, kana or hangul, read once."""
    index = WordIndex()
    for language in sorted(Mnemonic.list_languages()):
        if language in HAN_LISTS:
            continue
        for number, word in enumerate(Mnemonic(language).wordlist):
            key = normalise(word)
            index.exact[key] = (*index.exact.get(key, ()), (language, number))
            if language not in _MARKED_SCRIPTS and (bare := without_marks(key)) != key:
                index.bare[bare] = (*index.bare.get(bare, ()), (language, number))
    for bare, places in index.bare.items():
        if bare in index.exact:
            index.exact[bare] = (*index.exact[bare], *(place for place in places if place not in index.exact[bare]))
    return index


@cache
def han_index(language: str) -> dict[str, int]:
    """A Chinese list: character → index, which is also its rank by frequency."""
    return {character: number for number, character in enumerate(Mnemonic(language).wordlist)}


def is_phrase(indices: Sequence[int]) -> bool:
    """Whether these word indices, 12 to 24 of them, carry a right checksum."""
    if len(indices) not in PHRASE_LENGTHS:
        return False
    value = 0
    for index in indices:
        value = value << 11 | index
    return _checksum_holds(value, len(indices))


def phrase_windows(indices: Sequence[int], budget: ChecksumBudget) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of every window of a run that is a phrase; the whole rest once the budget is spent."""
    for length in PHRASE_LENGTHS:
        if len(indices) < length:
            return
        value, keep = 0, (1 << 11 * length) - 1
        for position, index in enumerate(indices, start=1):
            value = (value << 11 | index) & keep
            if position < length:
                continue
            if budget.remaining <= 0:
                yield position - length, len(indices)
                return
            budget.remaining -= 1
            if _checksum_holds(value, length):
                yield position - length, position


def _checksum_holds(value: int, length: int) -> bool:
    bits = length // 3
    entropy = (value >> bits).to_bytes(length * 4 // 3, "big")
    return hashlib.sha256(entropy).digest()[0] >> (8 - bits) == value & ((1 << bits) - 1)
