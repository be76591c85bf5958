"""The redactor of HTML: finds secrets in what a reader sees and in attribute values, edits the source in place.

Only stretches of text and the insides of attribute values are replaced, so tags stay as they were. This does not make
HTML safe to show; that is done when it is rendered.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

from core import memory
from core.html_tokens import Token, TokenKind, scan
from security.redaction.findings import Finding, Redacted, mask, merge
from security.redaction.plain_text import find_secrets

_REFERENCE = re.compile(r"&(?:#\d{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};?)")
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
# What a tag puts between the text before and behind it, where inline tags join and where they separate.
_BREAKS = ("\n", "\n")
_AT_END = {**dict.fromkeys(_INLINE, ("", " ")), "td": ("", ""), "th": ("", "")}
_AT_START = {**_AT_END, "td": (" ", " "), "th": (" ", " ")}
_SEPARATORS_IN_A_ROW = 4


@dataclass(slots=True)
class _Stream:
    """Text as read, and where it came from: by piece, the place in the text, its length, and its span in the source.

    Separators came from nowhere.
    """

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    places: list[int] = field(default_factory=list)
    sources: list[tuple[int, int, int]] = field(default_factory=list)
    # How often each separator has come since the last text.
    in_a_row: dict[str, int] = field(default_factory=dict)

    def add_separator(self, separator: str) -> None:
        """Add one; of a long row of the same ones only the first count, for whoever reads it too."""
        if not separator:
            return
        count = self.in_a_row.get(separator, 0)
        if count >= _SEPARATORS_IN_A_ROW:
            return
        self.in_a_row[separator] = count + 1
        self.pieces.append(separator)
        self.length += len(separator)

    def add_literal(self, source: str, start: int, end: int) -> None:
        """Add source text as it stands."""
        if start < end:
            self.add(source[start:end], start, end)

    def add(self, piece: str, start: int, end: int) -> None:
        """Add a piece that came from this span of the source."""
        if self.in_a_row:
            self.in_a_row.clear()
        self.pieces.append(piece)
        self.places.append(self.length)
        self.sources.append((len(piece), start, end))
        self.length += len(piece)

    def source_findings(self) -> list[list[Finding]]:
        """For each secret of this stream, its parts in the source, in order."""
        secrets = []
        for finding in find_secrets("".join(self.pieces)):
            parts: list[Finding] = []
            for start, end in self._spans(finding.start, finding.end):
                if parts and parts[-1].end >= start:
                    parts[-1] = Finding(finding.kind, parts[-1].start, max(end, parts[-1].end), finding.reason)
                else:
                    parts.append(Finding(finding.kind, start, end, finding.reason))
            if parts:
                secrets.append(parts)
        return secrets

    def _spans(self, first: int, behind: int) -> Iterator[tuple[int, int]]:
        """Where the characters of this stretch came from, piece by piece; a decoded reference is one whole."""
        for number in range(max(0, bisect_right(self.places, first) - 1), len(self.places)):
            place = self.places[number]
            if place >= behind:
                return
            length, start, end = self.sources[number]
            from_, to = max(first, place), min(behind, place + length)
            if from_ < to:
                yield (start + from_ - place, start + to - place) if end - start == length else (start, end)


def _pieces(source: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """Source text with its character references resolved: what each piece says, and its span in the source."""
    if source.find("&", start, end) < 0:
        return [(source[start:end], start, end)] if start < end else []
    pieces = []
    position = start
    for reference in _REFERENCE.finditer(source, start, end):
        written = reference.group()
        decoded = _resolved(written)
        if decoded == written:
            continue
        first, behind = reference.span()
        if position < first:
            pieces.append((source[position:first], position, first))
        pieces.append((decoded, first, behind))
        position = behind
    if position < end:
        pieces.append((source[position:end], position, end))
    return pieces


_resolved = lru_cache(maxsize=4096)(unescape)


@memory.uncollected()
def redact_html(html: str) -> Redacted:
    """Mask every secret in the text and attributes of `html`; offsets of findings refer to the source given.

    A secret may be spread over tags, cells, list items, character references or several attributes of one name: its
    first part becomes the mask, the others become empty.
    """
    source = html
    tokens = list(scan(source))
    secrets = [secret for stream in _streams(source, tokens) for secret in stream.source_findings()]
    if not secrets:
        return Redacted(source, ())
    heads = {secret[0].start for secret in secrets}
    parts = merge(part for secret in secrets for part in secret)
    whole = merge(Finding(secret[0].kind, secret[0].start, secret[-1].end, secret[0].reason) for secret in secrets)
    unquoted = {
        (attribute.start, attribute.end)
        for token in tokens
        for attribute in token.attributes
        if not attribute.is_quoted
    }
    return Redacted(_replace(source, parts, heads, unquoted), tuple(whole))


def _replace(source: str, parts: list[Finding], heads: set[int], unquoted: set[tuple[int, int]]) -> str:
    """Put masks at the heads of secrets, nothing at their other parts."""
    unquoted_at = sorted(unquoted)
    pieces: list[str] = []
    position, next_unquoted = 0, 0
    for part in parts:
        while next_unquoted < len(unquoted_at) and unquoted_at[next_unquoted][1] < part.end:
            next_unquoted += 1
        start, end = part.start, part.end
        replacement = mask(part.kind) if start in heads else ""
        if next_unquoted < len(unquoted_at) and unquoted_at[next_unquoted][0] <= start:
            # The mask holds spaces, which would end an unquoted value: the whole value gives way.
            start, end = max(position, unquoted_at[next_unquoted][0]), unquoted_at[next_unquoted][1]
            replacement = f'"{replacement}"' if end > start else ""
        pieces += (source[position:start], replacement)
        position = max(position, end)
    pieces.append(source[position:])
    return "".join(pieces)


def _streams(source: str, tokens: list[Token]) -> list[_Stream]:
    """The ways to read the document: inline tags joining, inline tags separating, and what is not text."""
    joined, separated, hidden = _Stream(), _Stream(), _Stream()
    attributes: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    has_references = "&" in source
    for kind, start, end, name, found in tokens:
        if kind is TokenKind.TEXT and not has_references:
            text = source[start:end]
            joined.add(text, start, end)
            separated.add(text, start, end)
        elif kind is TokenKind.TEXT:
            for piece in _pieces(source, start, end):
                joined.add(*piece)
                separated.add(*piece)
        elif kind is TokenKind.START or kind is TokenKind.END:
            joining, separating = (_AT_START if kind is TokenKind.START else _AT_END).get(name, _BREAKS)
            joined.add_separator(joining)
            separated.add_separator(separating)
        else:
            hidden.add_literal(source, start, end)
            hidden.add_separator("\n⟦⟧\n")
        for attribute in found:
            if attribute.end > attribute.start:
                attributes[attribute.name].append((attribute.start, attribute.end))
    for spans in attributes.values():
        for start, end in spans:
            for piece in _pieces(source, start, end):
                hidden.add(*piece)
            hidden.add_separator("\n")
        hidden.add_separator("⟦⟧\n")
    # Without inline tags both ways read the same.
    return [joined, hidden] if joined.pieces == separated.pieces else [joined, hidden, separated]
