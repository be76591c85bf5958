"""File names from mail, made fit to print: metadata only, never a path, never a storage name."""

import re
import unicodedata
from typing import Final

from tickets.channels.email.parse import words
from tickets.channels.email.parse.limits import MAX_FILENAME_CHARS

_SEPARATORS: Final = re.compile(r"(?:[/\\\u2044\u2215\u29f8\uff0f\uff3c]|%2f|%5c|%00)", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r'[<>:"|?*`]')
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_EXTENSIONS: Final = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv", "image/png": ".png",
    "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/heic": ".heic", "application/pdf": ".pdf",
    "application/zip": ".zip", "message/rfc822": ".eml", "application/pgp-signature": ".asc", "video/mp4": ".mp4",
    "application/pkcs7-signature": ".p7s", "application/ms-tnef": ".dat", "text/rfc822-headers": ".txt",
    "application/json": ".json", "audio/mpeg": ".mp3", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
}  # fmt: skip


def safe_filename(claimed: str, *, declared_type: str, number: int) -> str:
    """One printable name of at most MAX_FILENAME_CHARS characters; ``attachment-<number>`` when nothing is left.

    Invisible characters go first and the checks come after, because the other order has been bypassed (a zero-width
    space in front of ``.htaccess``).
    """
    name = words.one_line(unicodedata.normalize("NFKC", words.INVISIBLE.sub("", claimed)))
    name = words.INVISIBLE.sub("", name).replace("\u200c", "").replace("\u200d", "")
    name = _SEPARATORS.split(name)[-1]
    name = _FORBIDDEN.sub("_", name).strip(" .")
    if not name:
        return f"attachment-{number}{_EXTENSIONS.get(declared_type, '.bin')}"
    if _DEVICES.fullmatch(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 12:
        return f"{stem[: MAX_FILENAME_CHARS - len(extension) - 1].rstrip(' .') or 'file'}.{extension}"
    return name[:MAX_FILENAME_CHARS].rstrip(" .")


def claimed_filename(disposition_name: str, type_name: str) -> str:
    """What the sender calls the file: Content-Disposition before Content-Type, encoded words decoded."""
    claimed = disposition_name or type_name
    return words.decode_words(claimed)[:1_000]
