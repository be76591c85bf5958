"""The MIME tree of a mail (RFC 2045, RFC 2046) as the standard library reads it, and repairs of trees it cannot."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import CloseBoundaryNotFoundDefect
from email.utils import quote
from typing import Final

from tickets.channels.email.parse import entity, fields, guard, transfer
from tickets.channels.email.parse.limits import Budget

_GUESSED_DELIMITER: Final = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,69}|-{2,}[^\s-][^\r\n]{0,66})(?<!--)[ \t]*\r?\n")
_GUESS_WINDOW: Final = 64 * 1024


@dataclass(slots=True)
class Part:
    """One node: its header, its type, and where its body lies in ``buffer``, still in its transfer encoding."""

    header: fields.HeaderBlock
    media: fields.MediaType
    disposition: fields.MediaType
    depth: int
    buffer: bytes
    start: int
    end: int
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
        is_text = self.type.startswith("text/")
        decoded = transfer.decode(self.buffer[self.start : self.end], encoding, budget, is_text=is_text)
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
    return _tree(raw, (start, len(raw)), 0, budget)


def read_message(part: Part, budget: Budget) -> Part:
    """The tree of the message carried by a message/rfc822 part. Raises Unparsable past a limit."""
    if transfer.is_binary_to_text(part.header.first("content-transfer-encoding")):
        content = part.content(budget)
        return _tree(content, (0, len(content)), part.depth + 1, budget)
    return _tree(part.buffer, (part.start, part.end), part.depth + 1, budget)


def _tree(buffer: bytes, span: tuple[int, int], depth: int, budget: Budget) -> Part:
    guarded = guard.let_through(buffer, span, budget, depth=depth)
    return _part(entity.parse(guarded.text, budget), buffer, guarded, depth, budget)


def _part(message: entity.Entity, buffer: bytes, guarded: guard.Guarded, depth: int, budget: Budget) -> Part:
    place = message.get(guarded.mark)
    del message[guarded.mark]
    header = fields.header_block(message)
    if len(header.all("content-type")) > 1:
        budget.warn("duplicate_content_type")
    _warn_if_open(message, budget)
    media, disposition = fields.media_type(message), fields.disposition(message)
    children = [_part(child, buffer, guarded, depth + 1, budget) for child in message.parts()]
    body = message.take_body() if place is None else buffer
    start, end = (0, len(body)) if place is None else guarded.bodies[int(place)]
    part = Part(header, media, disposition, depth, body, start, end, children)
    if part.type.startswith("multipart/") and not children:
        _split(part, budget)
    return part


def _split(part: Part, budget: Budget) -> None:
    """Fill ``part.children`` where the library found none.

    Without any usable delimiter the part becomes text, so that nothing is hidden.
    """
    if transfer.is_binary_to_text(part.header.first("content-transfer-encoding")):
        # Forbidden by RFC 2045 section 6.4, sent by some gateways all the same.
        budget.warn("encoded_multipart")
        part.buffer = part.content(budget)
        part.start, part.end = 0, len(part.buffer)
        part.children = _children(part, part.media.param("boundary"), budget)
    if part.children:
        return
    window_end = min(part.end, part.start + _GUESS_WINDOW)
    guessed = _GUESSED_DELIMITER.search(part.buffer, max(part.start - 1, 0), window_end)
    if guessed:
        budget.warn("boundary_guessed")
        part.children = _children(part, guessed[1].decode("latin-1").rstrip(), budget)
    if not part.children:
        budget.warn("multipart_without_parts")
        part.media = fields.MediaType("text/plain", {})


def _children(part: Part, boundary: str, budget: Budget) -> list[Part]:
    """The parts in the body of ``part`` when it is read with this boundary."""
    header = f'Content-Type: {part.type}; boundary="{quote(boundary)}"\r\n'.encode("latin-1", "replace")
    guarded = guard.let_through(part.buffer, (part.start, part.end), budget, depth=part.depth, header=header)
    message = entity.parse(guarded.text, budget)
    _warn_if_open(message, budget)
    return [_part(child, part.buffer, guarded, part.depth + 1, budget) for child in message.parts()]


def _warn_if_open(message: entity.Entity, budget: Budget) -> None:
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in message.defects):
        budget.warn("boundary_not_closed")
