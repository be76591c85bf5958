"""Bytes to text: declared charsets under any name, wrong labels, no label at all. UTF-7 is refused."""

import codecs
import re
from typing import Final

from tickets.channels.email.parse import guessing
from tickets.channels.email.parse.limits import Unparsable

# Labels seen in mail that Python does not know, or supersets that decode strictly more of what senders really send.
_SUPERSETS: Final = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030", "ms936": "gb18030",
    "gb_2312-80": "gb18030", "euc-cn": "gb18030", "gb2312_charset": "gb18030", "chinese": "gb18030",
    "gb18030-2000": "gb18030", "gb18030-2022": "gb18030", "hz-gb-2312": "hz",
    "big5": "big5hkscs", "big5-eten": "big5hkscs", "x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "iso-2022-jp-ms": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "x-windows-949": "cp949",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso-8859-15": "iso8859-15",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "iso-8859-6-i": "iso8859-6",
    "x-user-defined": "cp1252",
    "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-unicode": "utf-16", "ansi": "cp1252", "x-ansi": "cp1252",
    "x-mac-roman": "mac-roman", "macintosh": "mac-roman", "x-mac-cyrillic": "mac-cyrillic", "x-cp1251": "cp1251",
    "koi8": "koi8-r", "x-koi8-r": "koi8-r", "us-ascii": "ascii",
}  # fmt: skip
_NO_LABEL: Final = frozenset({"", "unknown", "unknown-8bit", "x-unknown", "default", "8bit", "binary", "none", "null"})
_UTF7: Final = re.compile(r"(?:x-|cs|imap4-|unicode-1-1-|unicode-2-0-)*(?:utf-?7(?:-imap)?|u7)|(?:cp|windows-)65000")
# Codecs that transform rather than decode, blow up, or are quadratic on hostile input.
_FORBIDDEN_CODECS: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape", "undefined",
     "utf-7", "utf_7", "mbcs", "oem"}
)  # fmt: skip
_MOST_BAD_SHARE: Final = 0.02


def decode(data: bytes, declared: str | None = None, *, hint: str | None = None) -> tuple[str, bool]:
    """Decode ``data``; return the text and whether the declared charset was right.

    ``hint`` is a charset to try when none is declared (the body's, for a raw 8-bit header). Never fails on bytes:
    what nothing decodes comes back with U+FFFD. Raises Unparsable for UTF-7, which hides markup from every filter.
    """
    codec = codec_for(declared)
    if not data:
        return "", True
    marked = _by_byte_order_mark(data)
    if marked is not None:
        return _tidy(marked), True
    if codec is None:
        return _tidy(guessing.guess(data, codec_for(hint))), _label(declared) in _NO_LABEL
    text = guessing.wide(data, codec) or guessing.strict(data, codec)
    meant = guessing.corrected(data, codec, text)
    if meant is not None:
        return _tidy(meant), False
    if text is not None:
        return _tidy(text), True
    lenient = data.decode(codec, "replace")
    if codec != "ascii" and lenient.count("\ufffd") <= max(1, int(len(lenient) * _MOST_BAD_SHARE)):
        return _tidy(lenient), False
    return _tidy(guessing.guess(data, None)), False


def codec_for(declared: str | None) -> str | None:
    """The Python codec for a charset label, or None when it is absent or unknown. Raises Unparsable for UTF-7."""
    label = _label(declared)
    if label in _NO_LABEL:
        return None
    if _UTF7.fullmatch(label.replace("_", "-")):
        raise Unparsable("utf7", "The mail is written in UTF-7, which can hide markup and is not accepted.")
    name = _SUPERSETS.get(label) or _SUPERSETS.get(label.replace("_", "-")) or label
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in _FORBIDDEN_CODECS:
        return None
    return _SUPERSETS.get(info.name, info.name)


def _label(declared: str | None) -> str:
    """A charset label without the quotes, spaces, comments and parameters that mailers leave in it."""
    if not declared:
        return ""
    label = declared.strip().strip("\"'")
    for end in (";", "*", "("):
        label = label.partition(end)[0]
    label = label.strip().lower()
    return label[:60] if label.isascii() else ""


def _by_byte_order_mark(data: bytes) -> str | None:
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "replace")
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and len(data) % 4 == 0:
        return data.decode("utf-32", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) % 2 == 0:
        return data.decode("utf-16", "replace")
    return None


def _tidy(text: str) -> str:
    """Text that PostgreSQL and UTF-8 accept: no NUL, no lone surrogate, no leading byte order mark."""
    text = text.replace("\x00", "").removeprefix("\ufeff")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
