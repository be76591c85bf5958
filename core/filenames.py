"""File names that strangers chose, as metadata: shown and offered for download, never used as a path."""

import re
import unicodedata

MAX_LENGTH = 180  # characters
_MAX_EXTENSION = 16
_FALLBACK = "attachment"
# Cc, Cf (zero-width, bidi), Co, Cs and line separators neither show nor sort; Windows refuses the rest.
_UNWANTED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_BLANKS = re.compile(r"[\s\u115f\u1160\u2800\u3164\uffa0]+")
_FORBIDDEN = re.compile(r'[<>:"|?*`$;&\x7f]')
_SLASHES = re.compile(r"[/\\\u2044\u2215\u29f8\u29f9\uff0f\uff3c]|%(?:25)*(?:2f|5c)", re.IGNORECASE)
_ENCODED_CONTROLS = re.compile(r"%(?:25)*(?:[01][0-9a-f]|7f|2e)", re.IGNORECASE)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)


def safe_filename(name: str) -> str:
    """A harmless form of `name`: one visible path part of at most 180 characters with its extension; never empty."""
    name = unicodedata.normalize("NFC", name[:4_096])
    name = _SLASHES.split(name)[-1] if _SLASHES.split(name)[-1].strip(" .") else _FALLBACK
    name = _ENCODED_CONTROLS.sub("_", name)
    name = "".join(
        letter for letter in name if unicodedata.category(letter) not in _UNWANTED_CATEGORIES or letter in "\t\n\r"
    )
    name = _FORBIDDEN.sub("_", _BLANKS.sub(" ", name))
    name = re.sub(r"\.{2,}", ".", name).strip(" ._-~") or _FALLBACK
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name) <= MAX_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or not extension or len(extension) > _MAX_EXTENSION:
        return name[:MAX_LENGTH].rstrip(" .")
    return stem[: MAX_LENGTH - len(extension) - 1].rstrip(" .") + "." + extension
