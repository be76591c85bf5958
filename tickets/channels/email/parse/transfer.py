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

_IDENTITY: Final = frozenset({"", "7bit", "8bit", "binary", "none"})
_UU: Final = frozenset({"xuuencode", "uuencode", "xuue", "uue"})
# Names without what is no letter: `quoted_printable` and `base-64` are in use.
_QUOTED_PRINTABLE: Final = frozenset({"quotedprintable", "quoteprintable", "qp"})
_BASE64_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64: Final = bytes(byte for byte in range(256) if byte not in _BASE64_LETTERS + b"=")
_PADDING: Final = re.compile(rb"=+")
_BLANKS_BETWEEN: Final = re.compile(rb"[^\s][ \t]+[^\s]")
_BLANKS_AFTER_SOFT_BREAK: Final = re.compile(rb"=[ \t]+(?=\r?(?:\n|\Z))")
_UU_BEGIN: Final = re.compile(r"begin [0-7]{3,4} (\S[^\r\n]{0,250})")
_UU_LINE: Final = re.compile(r"[!-`][ -`]{0,62}")
_MAX_UU_FILES: Final = 50
_MAX_PROSE_BYTES: Final = 1024 * 1024
_MAX_RUNS: Final = 1_000


def decode(data: bytes, encoding: str, budget: Budget, *, is_text: bool = False) -> bytes:
    """The decoded bytes; damaged encodings give what can be read, with a warning. Never fails.

    In a text, lines that are no base64 stay behind it as they are: footers that a list or a scanner has added.
    """
    name = _name(encoding)
    if name in _IDENTITY:
        return data
    if name == "base64":
        return _base64(data, budget, is_text=is_text)
    if name in _QUOTED_PRINTABLE:
        return quopri.decodestring(_BLANKS_AFTER_SOFT_BREAK.sub(b"=", data))
    if name in _UU:
        _, files = uu_files(data.decode("latin-1"))
        if files:
            return files[0][1]
    budget.warn("unknown_transfer_encoding")
    return data


def is_binary_to_text(encoding: str) -> bool:
    """Whether the encoding hides line breaks, so that nothing can be divided before it is undone."""
    return _name(encoding) in _QUOTED_PRINTABLE | {"base64"}


def smallest_size(size: int, encoding: str) -> int:
    """How many bytes ``size`` encoded ones give at the very least (base64 with a line break every 40 letters)."""
    name = _name(encoding)
    if name in _IDENTITY:
        return size
    return int(size * 0.7) if name == "base64" else 0


def _name(encoding: str) -> str:
    bare = encoding.split(";", 1)[0].split("(", 1)[0].strip().lower()
    return "".join(letter for letter in bare[:40] if letter.isalnum())


def _base64(data: bytes, budget: Budget, *, is_text: bool) -> bytes:
    is_clean = not data.translate(None, _BASE64_LETTERS + b"=\r\n \t") and not _BLANKS_BETWEEN.search(data)
    # The codec stops at the first padding; whatever was joined on behind it is not to be lost.
    if is_clean and b"=" not in data.rstrip(b"=\r\n \t"):
        try:
            return binascii.a2b_base64(data)
        except binascii.Error:
            budget.warn("damaged_base64")
            return _lenient(data)
    budget.warn("damaged_base64")
    if is_clean or len(data) > _MAX_PROSE_BYTES:
        return _lenient(data)
    lines = data.split(b"\n")
    prose = [line for line in lines if _is_prose(line)]
    coded = b"\n".join(line for line in lines if not _is_prose(line))
    if sum(map(len, prose)) > len(coded):
        return data
    return _lenient(coded) + (b"\r\n" + b"\n".join(prose) if is_text and prose else b"")


def _lenient(data: bytes) -> bytes:
    """Every run between paddings decoded by itself; alien signs are passed over (RFC 2045 section 6.8)."""
    decoded = bytearray()
    runs = _PADDING.split(data.translate(None, _NOT_BASE64), _MAX_RUNS)
    for run in (*runs[:-1], runs[-1].replace(b"=", b"")):
        # A rest of one letter holds no whole byte; the codec fails on it.
        letters = run[:-1] if len(run) % 4 == 1 else run
        decoded += binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    return bytes(decoded)


def _is_prose(line: bytes) -> bool:
    """Whether a line is words rather than base64: blanks where no group of four letters ends, or hardly a letter."""
    words = line.split()
    if not words:
        return False
    if any(len(word) % 4 for word in words[:-1]):
        return True
    return len(line.translate(None, _NOT_BASE64)) * 2 < len(line.strip())


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
