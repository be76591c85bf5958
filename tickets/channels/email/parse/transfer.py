"""Content-Transfer-Encoding undone leniently (RFC 2045 section 6), and files that were uuencoded into text.

The standard library's codecs, called here and not through Message.get_payload(decode=True): that needs seven times the
size of a base64 file in memory, hands out a file as base64 text when its last letters are missing, and knows no label
in quotes or with a comment.
"""

import binascii
import quopri
import re
from typing import Final

from tickets.channels.email.parse.limits import Budget

_IDENTITY: Final = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit", "none"})
_UU: Final = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=]+")
_INNER_PADDING: Final = re.compile(rb"=+(?=[A-Za-z0-9+/])")
_UU_BEGIN: Final = re.compile(r"begin [0-7]{3,4} (\S[^\r\n]{0,250})")
_UU_LINE: Final = re.compile(r"[!-`][ -`]{0,62}")
_MAX_UU_FILES: Final = 50


def decode(data: bytes, encoding: str, budget: Budget) -> bytes:
    """The decoded bytes; damaged encodings give what can be read, with a warning. Never fails."""
    name = _name(encoding)
    if name in _IDENTITY:
        return data
    if name == "base64":
        return _base64(data, budget)
    if name in ("quoted-printable", "quotedprintable"):
        return quopri.decodestring(data)
    if name in _UU:
        _, files = uu_files(data.decode("latin-1"))
        if files:
            return files[0][1]
    budget.warn("unknown_transfer_encoding")
    return data


def smallest_size(size: int, encoding: str) -> int:
    """How many bytes ``size`` encoded ones give at the very least (base64 with a line break every 40 letters)."""
    name = _name(encoding)
    if name in _IDENTITY:
        return size
    return int(size * 0.7) if name == "base64" else 0


def _name(encoding: str) -> str:
    return encoding.split(";", 1)[0].split("(", 1)[0].strip().strip("\"'").lower()


def _base64(data: bytes, budget: Budget) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        budget.warn("damaged_base64")
    letters = _INNER_PADDING.sub(b"", _NOT_BASE64.sub(b"", data)).rstrip(b"=")
    # A rest of one letter holds no whole byte; the codec fails on it.
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return data


def uu_files(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Text without its uuencoded blocks, and the (name, content) of each block that is complete and sound."""
    if "begin " not in text or "\nend" not in text:
        return text, []
    lines = text.split("\n")
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    index = 0
    while index < len(lines):
        begin = _UU_BEGIN.fullmatch(lines[index].rstrip())
        block = _uu_block(lines, index + 1) if begin and len(files) < _MAX_UU_FILES else None
        if begin is None or block is None:
            kept.append(lines[index])
            index += 1
            continue
        content, index = block
        files.append((begin[1], content))
    return "\n".join(kept), files


def _uu_block(lines: list[str], start: int) -> tuple[bytes, int] | None:
    """The content of the block whose first data line is ``start`` and the line after its ``end``, or None."""
    content = bytearray()
    for index in range(start, len(lines)):
        line = lines[index].rstrip("\r")
        if line.strip() == "end":
            return (bytes(content), index + 1) if content else None
        if not line.strip() or line.strip() == "`":
            continue
        if not _UU_LINE.fullmatch(line):
            return None
        try:
            content += binascii.a2b_uu(line)
        except (binascii.Error, ValueError):
            return None
    return None
