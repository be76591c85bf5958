"""Bytes to text: declared charsets under any name, wrong labels, no label at all. UTF-7 is refused."""

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

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
_ISO_2022_ESCAPE: Final = re.compile(rb"\x1b\$[@AB()]")
_SAMPLE_BYTES: Final = 16 * 1024
_MOST_BAD_SHARE: Final = 0.02
_EVERYDAY_SHARE: Final = {"koi8-r": 0.8, "cp1251": 0.8, "gb18030": 0.7, "big5hkscs": 0.7}
_EVERYDAY_ROWS: Final = {
    "gb18030": (frozenset([*range(0xA1, 0xA4), *range(0xB0, 0xD8)]), 0xA1),
    "big5hkscs": (frozenset(range(0xA1, 0xC7)), 0x40),
}
_SHORT_BYTES: Final = 200
_INSIDE_LATIN_WORD: Final = re.compile(rb"[A-Za-z][\xc0-\xff][A-Za-z]")
_MIXED_SCRIPT: Final = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")


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
        return _tidy(_guess(data, codec_for(hint))), _label(declared) in _NO_LABEL
    if codec not in ("utf-8", "utf-16", "utf-32") and not data.isascii() and b"\x1b" not in data:
        mislabelled = _strict(data, "utf-8")
        if mislabelled is not None:
            return _tidy(mislabelled), False
    text = _strict(data, codec)
    if text is not None:
        return _tidy(text), True
    lenient = data.decode(codec, "replace")
    if codec != "ascii" and lenient.count("\ufffd") <= max(1, int(len(lenient) * _MOST_BAD_SHARE)):
        return _tidy(lenient), False
    return _tidy(_guess(data, None)), False


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
    """A charset label without the quotes, spaces and parameters that broken mailers leave in it."""
    if not declared:
        return ""
    label = declared.strip().strip("\"'").split(";", 1)[0].split("*", 1)[0].strip().lower()
    return label[:60] if label.isascii() else ""


def _by_byte_order_mark(data: bytes) -> str | None:
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "replace")
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and len(data) % 4 == 0:
        return data.decode("utf-32", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(data) % 2 == 0:
        return data.decode("utf-16", "replace")
    return None


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        return None


def _guess(data: bytes, hinted: str | None) -> str:
    """Text in the likeliest charset, tried from the most to the least self-checking one."""
    if _ISO_2022_ESCAPE.search(data[:_SAMPLE_BYTES]):
        return data.decode("iso2022_jp_ext", "replace")
    for codec in ("utf-8", hinted):
        text = _strict(data, codec) if codec else None
        if text is not None:
            return text
    detected = _detect(data)
    if detected is not None:
        return detected
    return _strict(data, "gb18030") or data.decode("cp1252", "replace")


def _detect(data: bytes) -> str | None:
    """Text by what its letters would be, then by charset-normalizer, which is weak on a single line."""
    sample = data[:_SAMPLE_BYTES]
    for codec in ("koi8-r", "cp1251", "gb18030", "big5hkscs"):
        text = sample.decode(codec, "replace")
        if _everyday_share(text, codec) >= _EVERYDAY_SHARE[codec]:
            return data.decode(codec, "replace")
    if len(sample) < _SHORT_BYTES and len(_INSIDE_LATIN_WORD.findall(sample)) > 0:
        return data.decode("cp1252", "replace")
    best = from_bytes(sample).best()
    codec_found = codec_for(best.encoding) if best is not None else None
    return data.decode(codec_found, "replace") if codec_found else None


def _everyday_share(text: str, codec: str) -> float:
    """How many of the non-ASCII characters are the ones that running text in ``codec`` mostly consists of.

    Small Cyrillic letters; GB 2312 level 1 (rows B0-D7, 99.7 % of running text) and its punctuation; Big5 level 1.
    """
    foreign = [character for character in text if not character.isascii()]
    if not foreign:
        return 0.0
    if codec in ("koi8-r", "cp1251"):
        mixed = len(_MIXED_SCRIPT.findall(text))
        return sum("\u0430" <= character <= "\u044f" for character in foreign) / len(foreign) - mixed / len(foreign)
    rows, first_trail = _EVERYDAY_ROWS[codec]
    encoded = (character.encode(codec, "ignore") for character in foreign)
    return sum(len(pair) == 2 and pair[0] in rows and pair[1] >= first_trail for pair in encoded) / len(foreign)


def _tidy(text: str) -> str:
    """Text that PostgreSQL and UTF-8 accept: no NUL, no lone surrogate, no leading byte order mark."""
    text = text.replace("\x00", "").removeprefix("\ufeff")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
