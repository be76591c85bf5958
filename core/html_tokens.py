"""A linear scanner over HTML source: where tags, attribute values and text lie. It judges nothing and cleans nothing.

The standard library's `html.parser` is quadratic on unclosed constructs and reports no attribute positions; this
follows the tokenizer of the WHATWG HTML standard (13.2.5) closely enough to find text, and never looks at a character
more than a few times. What may be *shown* is decided by nh3 alone.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple


class TokenKind(Enum):
    """What a stretch of source is."""

    TEXT = auto()
    RAW_TEXT = auto()  # the inside of script, style and the like: no tags, no character references
    START = auto()
    END = auto()
    COMMENT = auto()  # comments, doctypes and processing instructions
    UNFINISHED = auto()  # a tag that the end of the source cuts off; browsers drop it


class Attribute(NamedTuple):
    """One attribute: its lower-case name and where its value lies (without quotes), as offsets into the source."""

    name: str
    start: int
    end: int
    is_quoted: bool


class Token(NamedTuple):
    """One stretch of source, `source[start:end]`; tags carry their lower-case name."""

    kind: TokenKind
    start: int
    end: int
    name: str = ""
    attributes: tuple[Attribute, ...] = ()


_RAW_TEXT_ELEMENTS = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes"})
_TEXT_ONLY_ELEMENTS = frozenset({"textarea", "title"})  # character references count, tags do not
_MARKUP = re.compile(r"<(?=[a-zA-Z/!?])")
# Text, and a tag that is nothing but its name, as most are. Given up at the first other `<`, where it would go back.
_TEXT_AND_BARE_TAG = re.compile(r"([^<]*+)<(/?)([a-zA-Z][a-zA-Z0-9]*+)>")
_TAG_NAME = re.compile(r"[a-zA-Z][^\s/>]*")
_SKIP = re.compile(r"[\s/]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s/>][^\s/>=]*")
_EQUALS = re.compile(r"\s*=\s*")
_UNQUOTED = re.compile(r"[^\s>]*")
_COMMENT_END = re.compile(r"--!?>")
_CLOSERS = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in (_RAW_TEXT_ELEMENTS | _TEXT_ONLY_ELEMENTS)
}


def scan(source: str) -> Iterator[Token]:
    """Yield the tokens of `source` in order and without gaps; time is linear in its length."""
    position, length = 0, len(source)
    while position < length:
        if plain := _TEXT_AND_BARE_TAG.match(source, position):
            start = plain.end(1)
            _, slash, name = plain.groups()
            token: Token | None = Token(TokenKind.END if slash else TokenKind.START, start, plain.end(), name.lower())
        else:
            markup = _MARKUP.search(source, position)
            start = markup.start() if markup else length
            token = _markup_token(source, start) if markup else None
        if start > position:
            yield Token(TokenKind.TEXT, position, start)
        if token is None:
            return
        yield token
        position = token.end
        if token.kind is not TokenKind.START:
            continue
        if token.name in _CLOSERS:
            closer = _CLOSERS[token.name].search(source, position)
            end = closer.start() if closer else length
            if end > position:
                kind = TokenKind.TEXT if token.name in _TEXT_ONLY_ELEMENTS else TokenKind.RAW_TEXT
                yield Token(kind, position, end, token.name)
            position = end
        elif token.name == "plaintext":
            yield Token(TokenKind.RAW_TEXT, position, length, token.name)
            return


def _markup_token(source: str, start: int) -> Token:
    """Read what begins with the `<` at `start`."""
    if source.startswith("<!--", start):
        if source.startswith((">", "->"), start + 4):
            return Token(TokenKind.COMMENT, start, source.index(">", start) + 1)
        closer = _COMMENT_END.search(source, start + 4)
        return Token(TokenKind.COMMENT, start, closer.end() if closer else len(source))
    is_end_tag = source.startswith("</", start)
    name = _TAG_NAME.match(source, start + (2 if is_end_tag else 1))
    if name is None:
        closing = source.find(">", start)
        return Token(TokenKind.COMMENT, start, closing + 1 if closing >= 0 else len(source))
    read = _read_attributes(source, name.end())
    if read is None:
        return Token(TokenKind.UNFINISHED, start, len(source), name.group().lower())
    attributes, end = read
    kind = TokenKind.END if is_end_tag else TokenKind.START
    return Token(kind, start, end, name.group().lower(), tuple(attributes))


def _read_attributes(source: str, position: int) -> tuple[list[Attribute], int] | None:
    """Read attributes up to and including the closing `>`; None when the source ends first."""
    attributes: list[Attribute] = []
    length = len(source)
    while True:
        position = _end_of(_SKIP, source, position)
        if position >= length:
            return None
        if source[position] == ">":
            return attributes, position + 1
        name_end = _end_of(_ATTRIBUTE_NAME, source, position)
        name = source[position:name_end].lower()
        equals = _EQUALS.match(source, name_end)
        if equals is None:
            attributes.append(Attribute(name, name_end, name_end, is_quoted=False))
            position = name_end
            continue
        position = equals.end()
        quote = source[position : position + 1]
        if quote in ('"', "'"):
            closing = source.find(quote, position + 1)
            if closing < 0:
                return None
            attributes.append(Attribute(name, position + 1, closing, is_quoted=True))
            position = closing + 1
        else:
            value_end = _end_of(_UNQUOTED, source, position)
            attributes.append(Attribute(name, position, value_end, is_quoted=False))
            position = value_end


def _end_of(pattern: re.Pattern[str], source: str, position: int) -> int:
    """Where `pattern`, which always matches here, ends."""
    match = pattern.match(source, position)
    return match.end() if match else position
