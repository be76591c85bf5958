"""Which charset bytes are really in: for text without a label, and for labels that cannot be right.

charset-normalizer needs a page of text; most of what arrives without a label is a subject or a few lines. So the
letters that running text mostly consists of are counted first, charset by charset.
"""

import re
from typing import Final

from charset_normalizer import from_bytes

_SAMPLE_BYTES: Final = 16 * 1024
# Enough to know a wrong label by.
_GLANCE_BYTES: Final = 2 * 1024
_SHORT_BYTES: Final = 200
_FEWEST_LETTERS: Final = 8
_FEWEST_CYRILLIC: Final = 20
_EVERYDAY_SHARE: Final = {"koi8-r": 0.8, "cp1251": 0.8, "gb18030": 0.7, "big5hkscs": 0.7}
# First bytes and lowest second byte of everyday characters: GB 2312 level 1 (99.7 % of running text) and Big5 level 1
# with their punctuation, Hangul, kana and level 1 of JIS X 0208.
_EVERYDAY_ROWS: Final = {
    "gb18030": (frozenset([*range(0xA1, 0xA4), *range(0xB0, 0xD8)]), 0xA1),
    "big5hkscs": (frozenset(range(0xA1, 0xC7)), 0x40),
    "cp949": (frozenset([*range(0xA1, 0xA4), *range(0xB0, 0xC9)]), 0xA1),
    "euc_jp": (frozenset([*range(0xA1, 0xA6), *range(0xB0, 0xD0)]), 0xA1),
}
_CHINESE: Final = ("gb18030", "big5hkscs")
_CYRILLIC: Final = ("koi8-r", "cp1251")
_JAPANESE: Final = ("euc_jp", "cp932")
_LATIN: Final = frozenset({"ascii", "cp1252", "iso8859-15"})
_WIDE: Final = {"utf-16": 2, "utf-16-le": 2, "utf-16-be": 2, "utf-32": 4, "utf-32-le": 4, "utf-32-be": 4}
_SUPERSETS: Final = {
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949",
    "latin_1": "cp1252", "iso8859_9": "cp1254",
}  # fmt: skip
_ISO_2022_JP: Final = re.compile(rb"\x1b(?:\$[@B]|\$\(D)")
_ISO_2022_KR: Final = b"\x1b$)C"
_INSIDE_LATIN_WORD: Final = re.compile(rb"[A-Za-z][\xc0-\xff][A-Za-z]")
_MIXED_SCRIPT: Final = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_KANA: Final = re.compile("[\u3041-\u30ff]")


def guess(data: bytes, hinted: str | None) -> str:
    """Text in the likeliest charset, tried from the most to the least self-checking one. Never fails."""
    switched = by_escapes(data)
    if switched is not None:
        return switched
    for codec in ("utf-8", hinted):
        text = strict(data, codec) if codec else None
        if text is not None:
            return text
    detected = _detect(data)
    if detected is not None:
        return detected
    return strict(data, "gb18030") or data.decode("cp1252", "replace")


def by_escapes(data: bytes) -> str | None:
    """Seven-bit text that switches its charset by escape sequences (RFC 1468, RFC 1557), or None."""
    if b"\x1b$" not in data:
        return None
    if _ISO_2022_KR in data[:_SAMPLE_BYTES]:
        return data.decode("iso2022_kr", "replace")
    return data.decode("iso2022_jp_ext", "replace") if _ISO_2022_JP.search(data[:_SAMPLE_BYTES]) else None


def corrected(data: bytes, codec: str, text: str | None) -> str | None:
    """The text in another charset than the declared one, which gave ``text``; None when the label may stand.

    A label is overruled only by bytes that make everyday text in the other charset and hardly any in its own.
    """
    if codec in _WIDE:
        return _not_wide(data)
    if data.isascii():
        return by_escapes(data) if not codec.startswith(("iso2022", "hz")) else None
    as_utf8 = strict(data, "utf-8") if codec != "utf-8" and b"\x1b" not in data else None
    if as_utf8 is not None and not _is_double_byte(data, as_utf8, codec):
        return as_utf8
    if text is None or codec == "utf-8":
        return None
    glance = data[:_GLANCE_BYTES]
    for other in _others(glance, codec):
        return strict(data, other) or data.decode(other, "replace")
    return None


def wide(data: bytes, codec: str) -> str | None:
    """UTF-16 without a byte order mark, in the order that makes a script of it; None for any other codec.

    The upper halves of running text are few (nothing but zero in English), the lower ones many.
    """
    if codec != "utf-16" or len(data) % 2:
        return None
    glance = data[:_GLANCE_BYTES]
    is_big_endian = len(set(glance[::2])) < len(set(glance[1::2]))
    return strict(data, "utf-16-be" if is_big_endian else "utf-16-le")


def strict(data: bytes, codec: str) -> str | None:
    """The text, or None when any byte does not fit."""
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        return None


def _not_wide(data: bytes) -> str | None:
    """Text under a label of UTF-16 that is no such thing: UTF-8 throughout, without control bytes."""
    return None if _CONTROLS.search(data) else strict(data, "utf-8")


def _is_double_byte(data: bytes, as_utf8: str, codec: str) -> bool:
    """Whether bytes that happen to be UTF-8 are the double-byte text that the label says, such as a short GBK word.

    Only two-byte UTF-8 is in doubt; every character must then be an everyday one, and none may touch a Latin letter,
    as accented ones do.
    """
    text = strict(data[:_SAMPLE_BYTES], codec) if codec in _EVERYDAY_ROWS and max(as_utf8) < "\u0800" else None
    return text is not None and _everyday_share(text, codec) == 1.0 and not _MIXED_SCRIPT.search(text)


def _others(glance: bytes, codec: str) -> list[str]:
    """Charsets that fit clearly better than the declared one, the best first."""
    if codec in _CHINESE:
        own = _everyday_share(glance.decode(codec, "ignore"), codec)
        return [other for other in _CHINESE if other != codec and own < 0.8 and _is_everyday(glance, other)]
    if codec in _JAPANESE:
        own = _kana_share(glance, codec)
        return [other for other in _JAPANESE if other != codec and own < 0.05 and _kana_share(glance, other) > 0.3]
    if codec in _LATIN:
        likely = [other for other in _JAPANESE if _kana_share(glance, other) > 0.3]
        likely += [other for other in ("cp949", *_CHINESE) if _is_everyday(glance, other)]
        return likely or [other for other in _CYRILLIC if _is_everyday(glance, other)]
    return []


def _is_everyday(glance: bytes, codec: str) -> bool:
    """Whether there are letters enough to tell, as good as all of them everyday ones, in words of their own."""
    text = glance.decode(codec, "ignore")
    letters = sum(not character.isascii() for character in text)
    fewest, share = (_FEWEST_CYRILLIC, _EVERYDAY_SHARE[codec]) if codec in _CYRILLIC else (_FEWEST_LETTERS, 0.95)
    return letters >= fewest and not _MIXED_SCRIPT.search(text) and _everyday_share(text, codec) >= share


def _detect(data: bytes) -> str | None:
    """Text by what its letters would be, then by charset-normalizer."""
    sample = data[:_SAMPLE_BYTES]
    for codec in _JAPANESE:
        if _kana_share(sample, codec) > 0.3:
            return data.decode(codec, "replace")
    if _is_everyday(sample, "cp949") and b" " in sample.strip():
        return data.decode("cp949", "replace")
    for codec, enough in _EVERYDAY_SHARE.items():
        text = sample.decode(codec, "replace")
        if _everyday_share(text, codec) >= enough:
            return data.decode(codec, "replace")
    if len(sample) < _SHORT_BYTES and _INSIDE_LATIN_WORD.search(sample):
        return data.decode("cp1252", "replace")
    best = from_bytes(sample).best()
    if best is None or best.encoding == "utf_7":
        return None
    return data.decode(_SUPERSETS.get(best.encoding, best.encoding), "replace")


def _kana_share(sample: bytes, codec: str) -> float:
    """How many of the non-ASCII characters are kana, which Japanese never does without; 0 if any byte is wrong."""
    text = strict(sample, codec) or strict(sample[:-1], codec)
    foreign = sum(not character.isascii() for character in text or "")
    return len(_KANA.findall(text or "")) / foreign if foreign else 0.0


def _everyday_share(text: str, codec: str) -> float:
    """How many of the non-ASCII characters are the ones that running text in ``codec`` mostly consists of.

    Small Cyrillic letters, or characters of the everyday rows.
    """
    foreign = [character for character in text if not character.isascii()]
    if not foreign:
        return 0.0
    if codec in _CYRILLIC:
        mixed = len(_MIXED_SCRIPT.findall(text))
        return sum("\u0430" <= character <= "\u044f" for character in foreign) / len(foreign) - mixed / len(foreign)
    rows, first_trail = _EVERYDAY_ROWS[codec]
    encoded = (character.encode(codec, "ignore") for character in foreign)
    return sum(len(pair) == 2 and pair[0] in rows and pair[1] >= first_trail for pair in encoded) / len(foreign)
