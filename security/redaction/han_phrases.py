"""BIP-39 phrases in Chinese characters, where the word list is also the two thousand commonest characters.

Any Chinese sentence is full of listed characters, and one window in sixteen has a right checksum by chance. So a
stretch without separators must also look drawn at random rather than written: the list is sorted by frequency, and a
likelihood ratio over the ranks tells the two apart.
"""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from security.redaction.findings import Finding, Kind
from security.redaction.wordlists import HAN_LISTS, PHRASE_LENGTHS, ChecksumBudget, han_index, phrase_windows

_LABEL = re.compile(
    r"助[记記][词詞]|助憶詞|[恢回][复復][词詞短]|[种種]子|[备備]份|mnemonic|seed|phrase|recovery|backup", re.IGNORECASE
)
_LABEL_ENDS = re.compile(
    r"(?:助[记記][词詞]|助憶詞|[恢回][复復](?:[短片]语|[词詞])|mnemonic|seed|phrase)\s{0,3}(?:如下|[是为為]|:|=)?\s{0,3}[:\s]{0,3}$",
    re.IGNORECASE,
)
_NOT_A_GAP = re.compile(r"[^\W\d_]|[_!?@⟦⟧{}=&$%]")
_MAX_GAP = 24
_RADIX = 2048
# Zipf's law with an offset: how likely written Chinese is to use the character of a rank.
_ZIPF_OFFSET = 10
_ZIPF_SCALE = math.log((_RADIX + _ZIPF_OFFSET) / _ZIPF_OFFSET)
_SCORES = tuple(math.log((rank + _ZIPF_OFFSET) * _ZIPF_SCALE / _RADIX) for rank in range(_RADIX))
# How random (sum of log likelihood ratios) a window must look, by how much its surroundings already say.
_AFTER_LABEL, _NEAR_LABEL, _CLAUSE, _INSIDE = -5.0, 0.0, 2.0, 8.0


def han_phrases(text: str, groups: Sequence[tuple[int, int]], budget: ChecksumBudget) -> Iterator[Finding]:
    """Find phrases in `groups`, the spans of unbroken Chinese characters of the text, in order."""
    for run in _spaced_runs(text, groups):
        yield from _spaced_phrases(text, run, budget)
    for start, end in groups:
        if end - start >= PHRASE_LENGTHS[0]:
            yield from _unspaced_phrases(text, start, end, budget)


def _spaced_runs(text: str, groups: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Yield the character positions of groups of one equal size (1 to 6) with only separators between them."""
    size, previous_end = 0, 0
    positions: list[int] = []
    for start, end in groups:
        follows = start - previous_end <= _MAX_GAP and not _NOT_A_GAP.search(text, previous_end, start)
        if end - start > 1:  # groups stand on one line with spaces between: anything else is punctuation of prose
            follows = follows and text[previous_end:start].strip(" ") == ""
        if follows and size > end - start > 0 and len(positions) > size:
            positions.extend(range(start, end))  # the last group may be shorter
            yield positions
            positions, size = [], 0
        elif not (follows and end - start == size):
            if len(positions) > size:
                yield positions
            positions, size = [], end - start
        if 0 < size <= 6 and end - start == size:
            positions.extend(range(start, end))
        previous_end = end
    if len(positions) > size:
        yield positions


def _spaced_phrases(text: str, positions: Sequence[int], budget: ChecksumBudget) -> Iterator[Finding]:
    """Separate single characters are never prose; equal groups are, now and then, so they must look random."""
    are_single = positions[1] - positions[0] > 1
    for language in HAN_LISTS:
        index = han_index(language)
        for part in _listed_parts(text, positions, index):
            ranks = [index[text[position]] for position in part]
            for first, behind in phrase_windows(ranks, budget):
                window = part[first], part[behind - 1] + 1
                if are_single or sum(_SCORES[rank] for rank in ranks[first:behind]) > _near(text, *window):
                    yield Finding(Kind.SEED_PHRASE, *window, "bip39_han_spaced")


def _listed_parts(text: str, positions: Sequence[int], index: dict[str, int]) -> Iterator[list[int]]:
    """Cut a run where a character is not on the list; yield the parts long enough for a phrase."""
    part: list[int] = []
    for position in positions:
        if text[position] in index:
            part.append(position)
            continue
        if len(part) >= PHRASE_LENGTHS[0]:
            yield part
        part = []
    if len(part) >= PHRASE_LENGTHS[0]:
        yield part


def _unspaced_phrases(text: str, start: int, end: int, budget: ChecksumBudget) -> Iterator[Finding]:
    for language in HAN_LISTS:
        index = han_index(language)
        for part in _listed_parts(text, range(start, end), index):
            ranks = [index[text[position]] for position in part]
            totals = list(accumulate((_SCORES[rank] for rank in ranks), initial=0.0))
            for first, behind in phrase_windows(ranks, budget):
                window = part[first], part[behind - 1] + 1
                if totals[behind] - totals[first] > _threshold(text, window, (start, end)):
                    yield Finding(Kind.SEED_PHRASE, *window, "bip39_han")


def _threshold(text: str, window: tuple[int, int], group: tuple[int, int]) -> float:
    """How random the window must look to be taken for a phrase."""
    start, end = window
    if end == group[1] and _LABEL_ENDS.search(text, max(0, start - 24), start):
        return _AFTER_LABEL
    if window != group:
        return _CLAUSE if _LABEL.search(text, max(0, start - 24), start) else _INSIDE
    return min(_near(text, start, end), _CLAUSE)


def _near(text: str, start: int, end: int) -> float:
    """The threshold for a stretch that may lie in prose: low when something around it speaks of a phrase."""
    if _LABEL.search(text, max(0, start - 40), end + 24):
        return _NEAR_LABEL
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return _CLAUSE if before in ("", "\n") and after in ("", "\n", "\r") else _INSIDE
