"""What the standard library is given to read: a mail within the limits, its big bodies set aside. One linear pass.

The library's parser makes an object of every line, compares each line with every open boundary, follows nesting as
deeply as the sender likes, and ends lines at a bare CR. Here hostile structure is refused before it gets there; bodies
that would be dear stay where they are, and their part is handed over with a mark instead.
"""

import re
import secrets
from dataclasses import dataclass
from os.path import commonprefix
from typing import Final, NamedTuple

from tickets.channels.email.parse import entity
from tickets.channels.email.parse.limits import (
    MAX_DELIMITER_CANDIDATES,
    MAX_HEADER_BYTES,
    MAX_PART_HEADER_BYTES,
    Budget,
    Unparsable,
)

_MAX_INLINE_BYTES: Final = 16 * 1024
# The first line that the library takes for no header line; a blank before the colon (RFC 5322 section 4.5) is mended.
_HEADER_END: Final = re.compile(rb"^(?![ \t]|[!-9;-~]+[ \t]*:|From )", re.MULTILINE)
_BLANK_BEFORE_COLON: Final = re.compile(rb"^([!-9;-~]+)[ \t]+:", re.MULTILINE)
_BARE_CR: Final = re.compile(rb"\r(?!\n)")
_LINE_BREAK: Final = re.compile(rb"\r?(?:\n|\Z)")
_MBOX_LINE: Final = re.compile(rb">?From [^\n]*\n")


@dataclass(frozen=True, slots=True)
class Guarded:
    """``text`` is for the library; a part with the field ``mark`` has its body at that place in ``bodies``."""

    text: bytes
    mark: str
    bodies: list[tuple[int, int]]


class _Delimiter(NamedTuple):
    line: int
    after: int
    boundary: bytes
    is_last: bool


def let_through(
    buffer: bytes, span: tuple[int, int], budget: Budget, *, depth: int, header: bytes | None = None
) -> Guarded:
    """Check the message in ``buffer[start:end]``, which is ``depth`` levels below the mail itself.

    ``header`` replaces one of its own: the span is then a body only. Raises Unparsable for too many parts, too deep
    nesting or too large headers.
    """
    return _Pass(buffer, span, budget, depth).run(header)


def mended(header: bytes) -> bytes:
    """A header block with each field on lines of its own, as the library finds them; a bare CR ends no line."""
    return _BLANK_BEFORE_COLON.sub(rb"\1:", _BARE_CR.sub(b" ", header))


class _Pass:
    """One walk along the delimiter lines (RFC 2046 section 5.1.1)."""

    def __init__(self, buffer: bytes, span: tuple[int, int], budget: Budget, depth: int) -> None:
        self.buffer = buffer
        self.start, self.end = span
        self.budget = budget
        self.depth = depth
        self.candidates = 0
        self.mark = f"x-set-aside-{secrets.token_hex(8)}"
        self.pieces: list[bytes] = []
        self.bodies: list[tuple[int, int]] = []
        # Boundaries from the outermost in; where each was last closed in `pieces`; those seen at least once.
        self.open: list[bytes] = []
        self.needle = b""
        self.closed_at: dict[bytes, int] = {}
        self.used: set[bytes] = set()
        self.has_stray_close = False

    def run(self, header: bytes | None) -> Guarded:
        position, is_part = self.start, True
        while True:
            if is_part:
                self.budget.count_part(self.depth + len(self.open))
                position = self._header(position) if header is None else self._take_header(header, position)
                header = None
            delimiter = self._delimiter(position, self.end)
            if is_part:
                self._body(position, self.end if delimiter is None else self._before_line_break(delimiter.line))
            if delimiter is None:
                break
            self._divide(delimiter)
            position, is_part = delimiter.after, not delimiter.is_last
        return Guarded(b"".join(self.pieces), self.mark, self.bodies)

    def _header(self, start: int) -> int:
        """Hand over the header block at ``start``; return where the body begins."""
        if start == self.start and (envelope := _MBOX_LINE.match(self.buffer, start, self.end)):
            start = envelope.end()
        found = _HEADER_END.search(self.buffer, start, self.end)
        end = found.start() if found else self.end
        early = self._delimiter(start, end)
        end = end if early is None else early.line
        max_bytes = MAX_PART_HEADER_BYTES if self.depth or self.open else MAX_HEADER_BYTES
        if end - start > max_bytes:
            raise Unparsable("header_too_large", f"The mail's header is larger than {max_bytes // 1024} kB.")
        blank = _LINE_BREAK.match(self.buffer, end, self.end)
        if not blank and not early:
            self.budget.warn("header_damaged")
        return self._take_header(mended(self.buffer[start:end]), blank.end() if blank else end)

    def _take_header(self, header: bytes, body: int) -> int:
        self.pieces.append(header)
        declared = entity.parse_header(header) if b"multipart" in header.lower() else None
        if declared is not None and declared.get_content_maintype() == "multipart":
            self._learn_boundary(declared.get_boundary())
        return body

    def _learn_boundary(self, boundary: str | None) -> None:
        if boundary is None:
            return
        raw = boundary.encode("ascii", "surrogateescape")
        # Some mailers give an inner multipart its parent's boundary: then the parent's state goes on.
        if raw not in self.open:
            self.closed_at.pop(raw, None)
            self.used.discard(raw)
        self._set_open([*self.open, raw])

    def _delimiter(self, start: int, end: int) -> _Delimiter | None:
        """The first line within the range that is a delimiter of an open boundary; ``start`` is a line's start."""
        if not self.open:
            return None
        line = start if self.buffer.startswith(self.needle[1:], start, end) else self._next_candidate(start, end)
        while line is not None and self.candidates < MAX_DELIMITER_CANDIDATES:
            self.candidates += 1
            newline = self.buffer.find(b"\n", line, self.end)
            after = self.end if newline < 0 else newline + 1
            text = self.buffer[line + 2 : after].rstrip(b" \t\r\n")
            is_last = text not in self.open
            boundary = text.removesuffix(b"--") if is_last else text
            if boundary in self.open and (not is_last or boundary in self.used):
                return _Delimiter(line, after, boundary, is_last)
            self.has_stray_close |= boundary in self.open
            line = self._next_candidate(after - 1, end)
        return None

    def _next_candidate(self, start: int, end: int) -> int | None:
        found = self.buffer.find(self.needle, start, end)
        return None if found < 0 else found + 1

    def _set_open(self, boundaries: list[bytes]) -> None:
        self.open = boundaries
        # Letter by letter is what is wanted here.
        self.needle = b"\n--" + (commonprefix(boundaries) or b"")  # noqa: RUF071 -- the common letters, not path parts

    def _divide(self, delimiter: _Delimiter) -> None:
        """Hand over a delimiter line; only the last one of its boundary closes the multipart.

        What some mailers still put behind a closing one, the library would throw away.
        """
        boundary = delimiter.boundary
        earlier = self.closed_at.pop(boundary, None)
        if earlier is not None:
            self.pieces[earlier] = b""
        if delimiter.is_last:
            self.closed_at[boundary] = len(self.pieces)
        self.pieces.append(b"\r\n--" + boundary + (b"--\r\n" if delimiter.is_last else b"\r\n"))
        self.used.add(boundary)
        self._set_open(self.open[: self.open.index(boundary) + 1])

    def _before_line_break(self, line: int) -> int:
        """The line break in front of a delimiter belongs to the delimiter."""
        return line - (2 if self.buffer[max(line - 2, 0) : line] == b"\r\n" else 1)

    def _body(self, start: int, end: int) -> None:
        """Hand over what follows a header, itself or by its mark.

        By its mark also where the library would see a line end or a closing delimiter that is none.
        """
        end = max(start, end)
        has_false_lines, self.has_stray_close = self.has_stray_close, False
        if end - start > _MAX_INLINE_BYTES or has_false_lines or _BARE_CR.search(self.buffer, start, end):
            self.pieces.append(f"{self.mark}: {len(self.bodies)}\r\n\r\n".encode())
            self.bodies.append((start, end))
        else:
            self.pieces += [b"\r\n", self.buffer[start:end]]
