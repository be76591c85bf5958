"""BIP-39 phrases written as separate words: spaces, commas, line breaks, numbered lists, columns."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from security.redaction.findings import Finding, Kind
from security.redaction.glued_phrases import glued_phrases
from security.redaction.han_phrases import han_phrases
from security.redaction.wordlists import (
    PHRASE_LENGTHS,
    ChecksumBudget,
    is_phrase,
    normalise,
    phrase_windows,
    word_index,
)

_MAX_GAP = 48
# A word as long as this may be words written as one.
_GLUED = 24
_SHORTEST = b"\x01" * PHRASE_LENGTHS[0]
# Both cases; the signs for kelvin and ångström are letters to whoever reads them.
_LETTERS = {
    "latin": "A-Za-z\u00aa-\u024f\u0300-\u036f\u1e00-\u1eff\u212a\u212b",
    "cyrillic": "\u0400-\u052f\u0300-\u036f",
    "kana": "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9f",
    "hangul": "\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e",
    "han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}
# "Word 3:", "3rd" between the words are numbering, although "word" is itself on the English list.
_LABELS = (
    "word", "words", "mot", "mots", "palabra", "palabras", "parol", "parole", "palavra", "palavras", "slovo", "слово",
    "kelime",
)  # fmt: skip
_ORDINALS = ("st", "nd", "rd", "th")
_NUMBERS = (*_LABELS, *_ORDINALS)
_NUMBERING = (
    rf"(?P<numbering>(?:{'|'.join(sorted(_LABELS, reverse=True))})[ \t]*[#-]?[ \t]*\d{{1,2}}(?!\w)|"
    rf"\d{{1,2}}(?:{'|'.join(_ORDINALS)})\b)"
)
_TOKEN = re.compile(
    "|".join([f"(?i:{_NUMBERING})", *(f"(?P<{script}>[{letters}]+)" for script, letters in _LETTERS.items())])
)
_WORDS = re.compile("|".join(f"[{letters}]+" for letters in _LETTERS.values()))
_WORDS_OF_ASCII = re.compile("[A-Za-z]+")
_HAN = re.compile(f"[{_LETTERS['han']}]")
_NOT_A_GAP = re.compile(r"[^\W\d_]|[_!?@⟦⟧{}=&$%]")
_NUMBER_BEFORE = re.compile(r"(\d{1,2})\D{0,6}$")


@dataclass(slots=True)
class _Run:
    """Words of one list that follow each other with nothing but separators between."""

    last_token: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)


def seed_phrases(text: str) -> Iterator[Finding]:
    """Find phrases in all languages of BIP-39; linear in the text, checksum work bounded by one budget."""
    if not _may_hold_phrase(text):
        return
    budget = ChecksumBudget()
    glued_letters = 0
    han_spans: list[tuple[int, int]] = []
    open_runs: dict[str, _Run] = {}
    known: dict[str, Sequence[tuple[str, int]]] = {}
    for number, token in enumerate(_tokens(text)):
        start, end, script, follows = token
        if script == "han":
            han_spans.append((start, end))
            continue
        word = text[start:end]
        if end - start >= _GLUED and glued_letters < 200_000:
            glued_letters += end - start
            yield from glued_phrases(word, start, budget)
        places = known.get(word)
        if places is None:
            places = known[word] = word_index().places(normalise(word)) if end - start <= _GLUED else ()
        for language, index in places:
            run = open_runs.get(language)
            if run is None or not follows or run.last_token != number - 1:
                if run is not None:
                    yield from _phrases_of(text, run, budget)
                run = open_runs[language] = _Run(number)
            run.last_token = number
            run.spans.append((start, end))
            run.indices.append(index)
    for run in open_runs.values():
        yield from _phrases_of(text, run, budget)
    yield from han_phrases(text, han_spans, budget)


def _may_hold_phrase(text: str) -> bool:
    """Whether it is worth looking closely: a superset of what has a phrase, at the speed of C."""
    if text.isascii():
        words = _WORDS_OF_ASCII.findall(text.lower())
        known = _known_ascii()
        if _SHORTEST in bytes(map(known.__contains__, words)):
            return True
        return len(text) >= _GLUED and max(map(len, words), default=0) >= _GLUED
    counts = Counter(_WORDS.findall(text))
    if counts.total() >= PHRASE_LENGTHS[0]:
        index = word_index()
        listed = sum(count for word, count in counts.items() if len(word) <= _GLUED and index.places(normalise(word)))
        if listed >= PHRASE_LENGTHS[0]:
            return True
    return any(len(word) >= _GLUED for word in counts) or _HAN.search(text) is not None


@cache
def _known_ascii() -> frozenset[str]:
    """Listed words, and what numbers them: as many of these as the shortest phrase has follow each other in one."""
    index = word_index()
    return frozenset(word for word in (*index.exact, *index.bare, *_NUMBERS) if word.isascii())


def _tokens(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield (start, end, script, whether only separators stand between it and the token before)."""
    previous_end, is_clean = 0, True
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        is_clean = is_clean and start - previous_end <= _MAX_GAP and not _NOT_A_GAP.search(text, previous_end, start)
        previous_end = end
        script = str(token.lastgroup)
        if script == "numbering":
            continue
        yield start, end, script, is_clean
        is_clean = True


def _phrases_of(text: str, run: _Run, budget: ChecksumBudget) -> Iterator[Finding]:
    if len(run.indices) < PHRASE_LENGTHS[0]:
        return
    for first, behind in phrase_windows(run.indices, budget):
        if _looks_drawn(run.indices[first:behind]):
            yield Finding(Kind.SEED_PHRASE, run.spans[first][0], run.spans[behind - 1][1], "bip39_words")
    if len(run.indices) <= 4 * PHRASE_LENGTHS[-1]:
        yield from _columns_of(text, run)


def _looks_drawn(indices: Sequence[int]) -> bool:
    """Text that repeats itself ("man7/latin1 man7/latin2") is no phrase; the published test phrases still are."""
    distinct = len(set(indices))
    return distinct >= 7 or len(set(indices[:-1])) == 1


def _columns_of(text: str, run: _Run) -> Iterator[Finding]:
    """Phrases whose words carry numbers that do not run in reading order: columns read row by row."""
    numbers = [_number_before(text, run.spans, position) for position in range(len(run.spans))]
    for length in PHRASE_LENGTHS:
        wanted = list(range(1, length + 1))
        for first in range(len(numbers) - length + 1):
            window = numbers[first : first + length]
            if window == wanted or sorted(window) != wanted:
                continue
            in_order = [run.indices[first + window.index(number)] for number in wanted]
            if is_phrase(in_order):
                last = first + length - 1
                yield Finding(Kind.SEED_PHRASE, run.spans[first][0], run.spans[last][1], "bip39_columns")


def _number_before(text: str, spans: Sequence[tuple[int, int]], position: int) -> int:
    """The number that labels a word, 0 when there is none."""
    gap_start = max(spans[position - 1][1] if position else 0, spans[position][0] - _MAX_GAP)
    number = _NUMBER_BEFORE.search(text, gap_start, spans[position][0])
    return int(number.group(1)) if number else 0
