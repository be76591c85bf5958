"""The header block: its end, its fields in order, and parameters of MIME fields (RFC 5322, RFC 2045, RFC 2231)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

from tickets.channels.email.parse import charsets
from tickets.channels.email.parse.limits import MAX_HEADER_FIELDS, MAX_STRUCTURED_FIELD_CHARS, Unparsable
from tickets.channels.email.parse.records import HeaderField

_NAME: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_LINE: Final = re.compile(rb"[^\n]*\n?")
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """The fields of one message or part, in order, and where its body begins in the buffer."""

    fields: tuple[HeaderField, ...]
    body_start: int
    is_damaged: bool

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, topmost first."""
        return tuple(field.value for field in self.fields if field.name == name)

    def first(self, name: str) -> str:
        """The topmost value of a field, or ''."""
        return next((field.value for field in self.fields if field.name == name), "")


def read_block(buffer: bytes, start: int, end: int, *, max_bytes: int) -> HeaderBlock:
    """Read header fields from ``buffer[start:end]`` up to the first blank line.

    A line that is no field ends the header (RFC 5322 has no recovery, and skipping it would let two programs see two
    different senders); the block is then marked damaged. Raises Unparsable when the block is larger than ``max_bytes``
    or has too many fields.
    """
    collected: list[tuple[str, list[bytes]]] = []
    position = start
    is_damaged = False
    for line, line_start, line_end in _lines(buffer, start, end):
        if line_start - start > max_bytes or len(line) > max_bytes:
            raise Unparsable("header_too_large", f"The mail's header is larger than {max_bytes // 1024} kB.")
        content = line.rstrip(b"\r\n")
        if not content.strip(b" \t\r") and (not content or not collected):
            position = line_end
            break
        name = _NAME.match(content)
        if content[:1] in b" \t" and collected:
            collected[-1][1].append(content)
        elif name:
            collected.append((name[1].decode("ascii").lower(), [content[name.end() :]]))
        elif not (line_start == start and content.startswith((b"From ", b">From "))):
            is_damaged = True
            position = line_start
            break
        position = line_end
        if len(collected) > MAX_HEADER_FIELDS:
            raise Unparsable("too_many_headers", f"The mail has more than {MAX_HEADER_FIELDS} header fields.")
    return HeaderBlock(tuple(HeaderField(name, _unfold(lines)) for name, lines in collected), position, is_damaged)


def _lines(buffer: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    position = start
    while position < end:
        newline = buffer.find(b"\n", position, end)
        line_end = end if newline < 0 else newline + 1
        yield buffer[position:line_end], position, line_end
        position = line_end


def _unfold(lines: list[bytes]) -> str:
    """One line of latin-1 text; a bare CR is a blank, never a line end (header injection)."""
    return b"".join(lines).replace(b"\r", b" ").decode("latin-1").strip(" \t")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A parsed Content-Type or Content-Disposition: its lower-case value and its parameters (bytes as latin-1)."""

    value: str
    params: dict[str, str]

    def param(self, name: str) -> str:
        """A parameter's value, or ''."""
        return self.params.get(name, "")


def media_type(value: str, default: str) -> MediaType:
    """Parse a Content-Type; anything that is not type/subtype counts as ``default``."""
    parsed = _parameterised(value)
    return parsed if _TYPE.fullmatch(parsed.value) else MediaType(default, parsed.params)


def disposition(value: str) -> MediaType:
    """Parse a Content-Disposition (RFC 2183); '' when there is none."""
    return _parameterised(value)


def _parameterised(value: str) -> MediaType:
    if not value:
        return MediaType("", {})
    holder: Message[str, str] = Message()
    holder["X"] = value[:MAX_STRUCTURED_FIELD_CHARS]
    try:
        pairs = holder.get_params(header="X", failobj=[]) or []
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        # The library's RFC 2231 reader trips over absurd section numbers.
        pairs = [(value.split(";", 1)[0], "")]
    params: dict[str, str] = {}
    for name, content in pairs[1:]:
        params.setdefault(str(name).strip().lower(), _param_text(content))
    head = str(pairs[0][0]) if pairs else ""
    return MediaType(head.strip().strip('"').lower(), params)


def _param_text(content: object) -> str:
    """RFC 2231 triples become text; plain values stay as they are (they may still hold encoded words)."""
    if isinstance(content, tuple) and len(content) == 3:
        charset, _language, text = content
        try:
            raw = str(text).encode("latin-1")
        except UnicodeEncodeError:
            return str(text)
        return charsets.decode(raw, charset or "utf-8")[0]
    return str(content).strip().strip('"')
