"""Payment card numbers: length and issuer ranges of ISO/IEC 7812, Luhn check, the groupings people type."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from security.redaction.findings import Finding, Kind

_DIGITS = re.compile(r"(?<![\w+])(?<!\d[.,])\d+(?:[ -]\d+)*(?![\w])(?![.,]\d)", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)
_SHORTEST, _LONGEST = 13, 19
_UUID = re.compile(r"(?<!\w)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?!\w)", re.IGNORECASE)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)", re.ASCII)
# (lowest prefix, highest prefix, allowed lengths), prefixes of equal length.
_ISSUERS: tuple[tuple[str, str, range | tuple[int, ...]], ...] = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("6011", "6011", range(16, 20)),  # Discover
    ("644", "649", range(16, 20)),
    ("65", "65", range(16, 20)),
    ("300", "305", range(14, 20)),  # Diners Club
    ("3095", "3095", range(14, 20)),
    ("36", "36", range(14, 20)),
    ("38", "39", range(14, 20)),
    ("3528", "3589", range(16, 20)),  # JCB
    ("62", "62", range(16, 20)),  # UnionPay
    ("81", "81", range(16, 20)),
    ("2200", "2204", range(16, 20)),  # Mir
    ("60", "60", (16,)),  # RuPay
    ("82", "82", (16,)),
    ("508", "508", (16,)),
    ("9792", "9792", (16,)),  # Troy
    ("5018", "5018", range(13, 20)),  # Maestro
    ("5020", "5020", range(13, 20)),
    ("5038", "5038", range(13, 20)),
    ("5893", "5893", range(13, 20)),
    ("6304", "6304", range(13, 20)),
    ("6759", "6763", range(13, 20)),
)
_NOT_A_CARD = re.compile(
    r"(?:order|ticket|trade|deal|reference|ref|tracking|invoice|transaction|withdrawal|deposit|request|user|"
    r"account|client|case|uid|"
    r"txid|imei|iccid|订单|訂單|单|單|流水|编|編|工单|用户|用戶|注文|주문|заказ\w?|ордер\w?)"
    r"[\s_-]{0,2}(?:id|no|number|num|nr|ref|#|号|號|番号|번호)?[\s.:=#：\"']{0,4}(?:is\s|was\s|为|是)?[#\s]{0,2}$",
    re.IGNORECASE,
)
# Digits in each group, by the number of groups.
_SHAPES = {3: {"465", "464"}, 4: {"4444", "4441"}, 5: {"44443", "44442", "44441"}}
_MOST_GROUPS = max(_SHAPES)
# What every second digit counts, by its ASCII code.
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
_PREFIX = 4  # the longest prefix of an issuer


def _prefixes(length: int) -> frozenset[str]:
    """Return the first four digits that a card of `length` digits can have: asked millions of times, so looked up."""
    found: set[str] = set()
    for low, high, lengths in _ISSUERS:
        if length in lengths:
            missing = _PREFIX - len(low)
            first, behind = int(low) * 10**missing, (int(high) + 1) * 10**missing
            found.update(str(number) for number in range(first, behind))
    return frozenset(found)


_BEGINNINGS = {length: _prefixes(length) for length in range(_SHORTEST, _LONGEST + 1)}
_ANY_BEGINNING = frozenset[str]().union(*_BEGINNINGS.values())


def card_numbers(text: str) -> Iterator[Finding]:
    """Find card numbers, contiguous or grouped by single spaces or hyphens."""
    exempt: list[list[tuple[int, int]]] | None = None
    for sequence in _DIGITS.finditer(text):
        if sequence.end() - sequence.start() < _SHORTEST:
            continue
        groups = [group.span() for group in _GROUP.finditer(text, *sequence.span())]
        for start, end in _candidates(groups):
            written = text[start:end]
            beginning = written[:_PREFIX]
            if beginning.isdigit() and beginning not in _ANY_BEGINNING:
                continue
            digits = written.replace(" ", "").replace("-", "")
            if not (_has_issuer(digits) and passes_luhn(digits)):
                continue
            if exempt is None:
                exempt = [[match.span() for match in pattern.finditer(text)] for pattern in (_UUID, _IBAN)]
            if any(_overlaps(spans, start, end) for spans in exempt):
                continue
            if " " not in written and _NOT_A_CARD.search(text, max(0, start - 32), start):
                continue
            yield Finding(Kind.CARD_NUMBER, start, end, "luhn")


def _overlaps(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of these sorted, disjoint spans shares a character with [start, end)."""
    behind = bisect_left(spans, (end, 0))
    return behind > 0 and spans[behind - 1][1] > start


def passes_luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    code = digits.encode("ascii")
    singles = code[-1::-2]
    total = sum(singles) - 48 * len(singles) + sum(code[-2::-2].translate(_DOUBLED))
    return total % 10 == 0 and digits.strip("0") != ""


def _has_issuer(digits: str) -> bool:
    return digits[:_PREFIX] in _BEGINNINGS.get(len(digits), ())


def _candidates(groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans whose groups look like a card: one block, 4-4-4-4 and its kin anywhere; even groups as a whole."""
    sizes = tuple([end - start for start, end in groups])
    for first, last in _shapes_in(sizes) if len(sizes) <= _SHAPES_KEPT else _shapes(sizes):
        yield groups[first][0], groups[last][1]


@lru_cache(maxsize=4096)
def _lengths_from(shape: str) -> tuple[int, ...]:
    """How many of these groups, from the first on, look like a card."""
    return tuple(n for n, shapes in _SHAPES.items() if shape[:n] in shapes)


def _shapes(sizes: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """First and last of the groups of so many digits that look like a card."""
    found = []
    shape = "".join(str(size) if size < 10 else "+" for size in sizes)
    for first, size in enumerate(sizes):
        if _SHORTEST <= size <= _LONGEST:
            found.append((first, first))
        elif size == 4:
            found += [(first, first + n - 1) for n in _lengths_from(shape[first : first + _MOST_GROUPS])]
    is_even = len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]
    if len(sizes) > 1 and is_even and _SHORTEST <= sum(sizes) <= _LONGEST:
        found.append((0, len(sizes) - 1))
    return tuple(found)


# Of a long list of numbers most have the same few shapes.
_SHAPES_KEPT = 8
_shapes_in = lru_cache(maxsize=512)(_shapes)
