"""Unstructured header text: RFC 2047 encoded words, raw 8-bit values, and making one safe line of it.

Not by email.header.decode_header: it raises for a word with a letter missing, takes the language suffix (RFC 2231
section 5) for part of the charset's name, and needs 19 s for 160 kB of words that never end.
"""

import base64
import binascii
import quopri
import re
import unicodedata
from typing import Final

from tickets.channels.email.parse import charsets, guessing

_ENCODED_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=")
# Broken mailers put raw blanks inside Q words; RFC 2047 forbids them, every client shows them.
_BETWEEN_WORDS: Final = re.compile(r"[ \t\r\n]*")
_BLANKS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Marks that reorder or hide text; joiners (U+200C, U+200D) stay because Persian and emoji need them.
INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_MAX_LINE_CHARS: Final = 1_000


def decode_header(value: str, *, hint: str | None = None, limit: int = _MAX_LINE_CHARS) -> str:
    """One safe, readable line from a header value (bytes carried as latin-1).

    Adjacent encoded words in one charset are joined before decoding, because many mailers split a character between
    them (against RFC 2047 section 5). Raises Unparsable for UTF-7 only.
    """
    value = value[: limit * 40]
    # Only where nothing depends on single letters: within its escapes, text of this kind is full of < and @.
    text = (guessing.by_escapes(value.encode()) if value.isascii() else None) or recover_8bit(value, hint=hint)
    return one_line(decode_words(text, hint=hint))[:limit].rstrip()


def recover_8bit(value: str, *, hint: str | None = None) -> str:
    """The text meant by raw 8-bit bytes in a header (RFC 6532 UTF-8, or whatever charset it turns out to be)."""
    if value.isascii():
        return value
    try:
        raw = value.encode("latin-1")
    except UnicodeEncodeError:
        return value
    return charsets.decode(raw, None, hint=hint)[0]


def decode_words(text: str, *, hint: str | None = None) -> str:
    """Replace the encoded words in ``text`` by what they mean; what is not a valid word stays as it is."""
    if "=?" not in text:
        return text
    pieces: list[str] = []
    run = bytearray()
    run_charset = ""
    position = 0

    def close_run() -> None:
        if run:
            pieces.append(charsets.decode(bytes(run), run_charset, hint=hint)[0])
            run.clear()

    for match in _ENCODED_WORD.finditer(text):
        gap = text[position : match.start()]
        charset = match[1].split("*", 1)[0].lower()
        if not _BETWEEN_WORDS.fullmatch(gap) or not position:
            close_run()
            pieces.append(gap)
        if run and charset != run_charset:
            close_run()
        run_charset = charset
        run += _word_bytes(match[2], match[3])
        position = match.end()
    close_run()
    pieces.append(text[position:])
    return "".join(pieces)


def one_line(text: str) -> str:
    """NFC text on one line: control characters become blanks, reordering and invisible marks disappear."""
    text = INVISIBLE.sub("", _BLANKS.sub(" ", text))
    return unicodedata.normalize("NFC", text).strip()


def _word_bytes(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(raw, header=True)
    compact = b"".join(raw.split())
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4))
    except (binascii.Error, ValueError):
        # One stray sextet: drop it rather than the whole word.
        try:
            return base64.b64decode(compact[: len(compact) // 4 * 4])
        except (binascii.Error, ValueError):
            return raw
