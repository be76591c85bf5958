"""BIP-39 phrases written without anything between the words, as Japanese and Korean often are."""

import unicodedata
from collections.abc import Iterator

from security.redaction.findings import Finding, Kind
from security.redaction.wordlists import PHRASE_LENGTHS, ChecksumBudget, is_phrase, normalise, word_index

_SHORTEST_WORD, _LONGEST_WORD = 3, 12  # letters after NFKD
_MAX_LETTERS = 1_000  # a phrase of 24 words has at most 290
_MAX_READINGS = 200  # ways to cut one stretch into words that are tried


def glued_phrases(word: str, offset: int, budget: ChecksumBudget) -> Iterator[Finding]:
    """Find phrases inside one unbroken stretch of letters that begins at `offset` of the text."""
    if len(word) > _MAX_LETTERS:
        return
    letters, origins = _decomposed(word)
    for language, words_at in _words_by_language(letters).items():
        chain = _longest_chains(words_at, len(letters))
        for start in sorted(words_at):
            if chain[start] < PHRASE_LENGTHS[0]:
                continue
            end = _phrase_end(words_at, chain, start, budget)
            if end is not None:
                reason = f"bip39_glued_{language}"
                yield Finding(Kind.SEED_PHRASE, offset + origins[start], offset + origins[end - 1] + 1, reason)


def _decomposed(word: str) -> tuple[str, list[int]]:
    """NFKD of each character, and for every resulting letter the position it came from."""
    letters: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(word):
        parts = normalise(character) if character.isascii() else unicodedata.normalize("NFKD", character.lower())
        letters.append(parts)
        origins.extend([position] * len(parts))
    return "".join(letters), origins


def _words_by_language(letters: str) -> dict[str, dict[int, list[tuple[int, int]]]]:
    """For each list: start → the (end, index) of the words that begin there."""
    found: dict[str, dict[int, list[tuple[int, int]]]] = {}
    exact = word_index().exact
    for start in range(len(letters) - _SHORTEST_WORD + 1):
        for end in range(start + _SHORTEST_WORD, min(start + _LONGEST_WORD, len(letters)) + 1):
            for language, index in exact.get(letters[start:end], ()):
                found.setdefault(language, {}).setdefault(start, []).append((end, index))
    return found


def _longest_chains(words_at: dict[int, list[tuple[int, int]]], length: int) -> list[int]:
    """For each position, how many words at most follow each other from there."""
    chain = [0] * (length + 1)
    for start in sorted(words_at, reverse=True):
        chain[start] = 1 + max(chain[end] for end, _index in words_at[start])
    return chain


def _phrase_end(
    words_at: dict[int, list[tuple[int, int]]], chain: list[int], start: int, budget: ChecksumBudget
) -> int | None:
    """The end of the longest phrase among the first readings from `start`, or None."""
    best: int | None = None
    stack: list[tuple[int, tuple[int, ...]]] = [(start, ())]
    for _reading in range(_MAX_READINGS):
        if not stack:
            break
        position, indices = stack.pop()
        if len(indices) in PHRASE_LENGTHS:
            budget.remaining -= 1
            if is_phrase(indices):
                best = max(best or 0, position)
        if len(indices) < PHRASE_LENGTHS[-1]:
            following = words_at.get(position, ())
            stack.extend(
                (end, (*indices, index))
                for end, index in following
                if len(indices) + 1 + chain[end] >= PHRASE_LENGTHS[0]
            )
    return best
