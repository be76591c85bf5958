"""The MIME tree (RFC 2045, RFC 2046) by offsets into the raw bytes: nothing is copied before a leaf is decoded.

The standard library's parser is not used here: it keeps one object per line (many times the mail's size) and recurses
as deeply as the sender likes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tickets.channels.email.parse import fields, transfer
from tickets.channels.email.parse.limits import (
    MAX_DELIMITER_CANDIDATES,
    MAX_HEADER_BYTES,
    MAX_PART_HEADER_BYTES,
    Budget,
    Unparsable,
)

_GUESSED_DELIMITER: Final = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,69}|-{2,}[^\s-][^\r\n]{0,66})[ \t]*\r?\n")
_GUESS_WINDOW: Final = 64 * 1024


@dataclass(slots=True)
class Part:
    """One node: its header, its type, and where its body lies in ``buffer``."""

    buffer: bytes
    header: fields.HeaderBlock
    start: int
    end: int
    depth: int
    media: fields.MediaType
    disposition: fields.MediaType
    children: list["Part"] = field(default_factory=list)

    @property
    def type(self) -> str:
        """type/subtype in lower case."""
        return self.media.value

    @property
    def is_multipart(self) -> bool:
        """Whether it was split into children."""
        return bool(self.children)

    @property
    def content_id(self) -> str | None:
        """The Content-ID without its angle brackets, or None."""
        value = self.header.first("content-id").strip().strip("<>").strip()
        return value[:250] if value and value.isascii() and value.isprintable() else None

    def content(self, budget: Budget) -> bytes:
        """The body with its transfer encoding undone. Raises Unparsable past the budget."""
        encoding = self.header.first("content-transfer-encoding")
        # Refused before it is copied: the smallest that this can decode to.
        smallest = transfer.smallest_size(self.end - self.start, encoding)
        if budget.decoded_bytes + smallest > budget.max_decoded_bytes:
            budget.count_decoded(smallest)
        decoded = transfer.decode(self.buffer[self.start : self.end], encoding, budget)
        budget.count_decoded(len(decoded))
        return decoded

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


def read(raw: bytes, budget: Budget) -> Part:
    """The tree of a whole message. Raises Unparsable past a limit."""
    start = len(raw) - len(raw.lstrip(b"\r\n")) if raw[:1] in (b"\r", b"\n") else 0
    return _part(raw, (start, len(raw)), 0, budget)


def read_message(part: Part, budget: Budget) -> Part:
    """The tree of the message carried by a message/rfc822 part. Raises Unparsable past a limit."""
    encoding = part.header.first("content-transfer-encoding").strip().lower()
    if encoding in ("base64", "quoted-printable"):
        content = part.content(budget)
        return _part(content, (0, len(content)), part.depth + 1, budget)
    return _part(part.buffer, (part.start, part.end), part.depth + 1, budget)


def _part(
    buffer: bytes, span: tuple[int, int], depth: int, budget: Budget, *, default_type: str = "text/plain"
) -> Part:
    start, end = span
    budget.count_part(depth)
    max_bytes = MAX_PART_HEADER_BYTES if depth else MAX_HEADER_BYTES
    header = fields.read_block(buffer, start, end, max_bytes=max_bytes)
    if header.is_damaged:
        budget.warn("header_damaged")
    types = header.all("content-type")
    if len(types) > 1:
        budget.warn("duplicate_content_type")
    part = Part(
        buffer=buffer,
        header=header,
        start=header.body_start,
        end=end,
        depth=depth,
        media=fields.media_type(types[0] if types else "", default_type),
        disposition=fields.disposition(header.first("content-disposition")),
    )
    if part.type.startswith("multipart/"):
        _split(part, budget)
    return part


def _split(part: Part, budget: Budget) -> None:
    """Fill ``part.children``; without any usable delimiter the part becomes text, so that nothing is hidden."""
    encoding = part.header.first("content-transfer-encoding").strip().lower()
    if encoding in ("base64", "quoted-printable"):
        # Forbidden by RFC 2045 section 6.4, sent by some gateways all the same.
        budget.warn("encoded_multipart")
        part.buffer = part.content(budget)
        part.start, part.end = 0, len(part.buffer)
    boundary = part.media.param("boundary").encode("latin-1", "replace").rstrip(b" \t")
    ranges = _ranges(part, boundary, budget) if boundary else []
    if not ranges:
        window_end = min(part.end, part.start + _GUESS_WINDOW)
        guessed = _GUESSED_DELIMITER.search(part.buffer, max(part.start - 1, 0), window_end)
        if guessed:
            budget.warn("boundary_guessed")
            ranges = _ranges(part, guessed[1].rstrip(), budget)
    if not ranges:
        budget.warn("multipart_without_parts")
        part.media = fields.MediaType("text/plain", {})
        return
    child_default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    for span in ranges:
        part.children.append(_part(part.buffer, span, part.depth + 1, budget, default_type=child_default))


def _ranges(part: Part, boundary: bytes, budget: Budget) -> list[tuple[int, int]]:
    """Start and end of each body part between delimiter lines; a missing last delimiter ends at the parent's end."""
    buffer, needle = part.buffer, b"--" + boundary
    ranges: list[tuple[int, int]] = []
    open_at = -1
    position = part.start
    for _ in range(MAX_DELIMITER_CANDIDATES):
        found = buffer.find(needle, position, part.end)
        if found < 0:
            break
        position = found + len(needle)
        if found > part.start and buffer[found - 1] not in b"\r\n":
            next_line = buffer.find(b"\n", position, part.end)
            position = part.end if next_line < 0 else next_line
            continue
        is_last = buffer[position : position + 2] == b"--"
        line_end = buffer.find(b"\n", position, part.end)
        line_end = part.end if line_end < 0 else line_end
        if buffer[position + 2 * is_last : line_end].strip(b" \t\r"):
            continue
        if open_at >= 0:
            ranges.append((open_at, _before_line_break(buffer, open_at, found)))
        if len(ranges) >= budget.max_parts:
            raise Unparsable("too_many_parts", f"The mail has more than {budget.max_parts} parts.")
        # Some mailers give an inner multipart its parent's boundary: what follows its end is still a part.
        open_at = -1 if is_last else min(line_end + 1, part.end)
        position = line_end
    if open_at >= 0:
        budget.warn("boundary_not_closed")
        ranges.append((open_at, part.end))
    return ranges


def _before_line_break(buffer: bytes, start: int, delimiter: int) -> int:
    """The line break in front of a delimiter belongs to the delimiter (RFC 2046 section 5.1.1)."""
    end = delimiter
    if end > start and buffer[end - 1 : end] == b"\n":
        end -= 1
    if end > start and buffer[end - 1 : end] == b"\r":
        end -= 1
    return end
