"""The redactor of HTML: finds secrets in what a reader sees and in attribute values, edits the source in place.

Only stretches of text and the insides of attribute values are replaced, so tags stay as they were. This does not make
HTML safe to show; that is done when it is rendered.
"""

import re
from array import array
from collections import defaultdict
from dataclasses import dataclass, field
from html import unescape

from core.html_tokens import Token, TokenKind, scan
from security.redaction.findings import Finding, Redacted, mask, merge
from security.redaction.plain_text import find_secrets

# A separator that exists on the screen only; it has no place in the source.
_NOWHERE = -1
_REFERENCE = re.compile(r"&(?:#\d{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};?)")
_CELLS = frozenset({"td", "th"})
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


@dataclass(slots=True)
class _Stream:
    """Text as read, with the source span of each character: `starts[i]:ends[i]`, or `_NOWHERE` for separators."""

    pieces: list[str] = field(default_factory=list)
    starts: "array[int]" = field(default_factory=lambda: array("l"))
    ends: "array[int]" = field(default_factory=lambda: array("l"))

    def add_separator(self, separator: str) -> None:
        self.pieces.append(separator)
        self.starts.extend([_NOWHERE] * len(separator))
        self.ends.extend([_NOWHERE] * len(separator))

    def add_literal(self, source: str, start: int, end: int) -> None:
        self.pieces.append(source[start:end])
        self.starts.extend(range(start, end))
        self.ends.extend(range(start + 1, end + 1))

    def add_decoded(self, source: str, start: int, end: int) -> None:
        """Add source text with its character references resolved."""
        position = start
        for reference in _REFERENCE.finditer(source, start, end):
            decoded = unescape(reference.group())
            if decoded == reference.group():
                continue
            self.add_literal(source, position, reference.start())
            self.pieces.append(decoded)
            self.starts.extend([reference.start()] * len(decoded))
            self.ends.extend([reference.end()] * len(decoded))
            position = reference.end()
        self.add_literal(source, position, end)

    def source_findings(self) -> list[list[Finding]]:
        """For each secret of this stream, its parts in the source, in order."""
        secrets = []
        for finding in find_secrets("".join(self.pieces)):
            parts: list[Finding] = []
            for position in range(finding.start, finding.end):
                start, end = self.starts[position], self.ends[position]
                if start == _NOWHERE:
                    continue
                if parts and parts[-1].end >= start:
                    parts[-1] = Finding(finding.kind, parts[-1].start, max(end, parts[-1].end), finding.reason)
                else:
                    parts.append(Finding(finding.kind, start, end, finding.reason))
            if parts:
                secrets.append(parts)
        return secrets


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
    joined, hidden = _Stream(), _Stream()
    attributes: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    has_inline_tags = _fill_text(source, tokens, joined, joins_inline=True)
    for token in tokens:
        if token.kind in (TokenKind.RAW_TEXT, TokenKind.COMMENT, TokenKind.UNFINISHED):
            hidden.add_literal(source, token.start, token.end)
            hidden.add_separator("\n⟦⟧\n")
        for attribute in token.attributes:
            if attribute.end > attribute.start:
                attributes[attribute.name].append((attribute.start, attribute.end))
    for spans in attributes.values():
        for start, end in spans:
            hidden.add_decoded(source, start, end)
            hidden.add_separator("\n")
        hidden.add_separator("⟦⟧\n")
    streams = [joined, hidden]
    if has_inline_tags:
        separated = _Stream()
        _fill_text(source, tokens, separated, joins_inline=False)
        streams.append(separated)
    return streams


def _fill_text(source: str, tokens: list[Token], stream: _Stream, *, joins_inline: bool) -> bool:
    """Fill `stream` with the document's text; returns whether any inline tag was met."""
    has_inline_tags = False
    for token in tokens:
        if token.kind is TokenKind.TEXT:
            stream.add_decoded(source, token.start, token.end)
        elif token.kind in (TokenKind.START, TokenKind.END):
            is_inline = token.name in _INLINE
            has_inline_tags = has_inline_tags or is_inline
            if is_inline:
                stream.add_separator("" if joins_inline else " ")
            elif token.name in _CELLS:
                stream.add_separator(" " if token.kind is TokenKind.START else "")
            else:
                stream.add_separator("\n")
    return has_inline_tags
