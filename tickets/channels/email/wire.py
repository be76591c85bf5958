"""A ParsedMail between the isolated reader and its parent: JSON, then the bytes of its files; nothing executable."""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import IO, Any, Final

from tickets.channels.email.parse import (
    Address,
    Attachment,
    CalendarInvite,
    DsnReport,
    ForwardedMessage,
    HeaderField,
    ParsedMail,
)

# More than parse.limits lets through; a reader that has gone mad says more.
MAX_WORDS_BYTES: Final = 160 * 1024 * 1024
MAX_FILES_BYTES: Final = 64 * 1024 * 1024
_LENGTH: Final = struct.Struct("!Q")


def encode(mail: ParsedMail) -> Iterator[bytes]:
    """Yield the length of the JSON, the JSON, and the content of each file as it is, whose length the JSON says."""
    words = json.dumps(asdict(mail), default=_plain).encode()
    yield _LENGTH.pack(len(words))
    yield words
    for attachment in mail.attachments:
        yield attachment.content


def decode(answer: IO[bytes]) -> ParsedMail:
    """Return the mail again. Raises ValueError, KeyError or TypeError for anything that is not encode's work."""
    (length,) = _LENGTH.unpack(_exactly(answer, _LENGTH.size))
    if length > MAX_WORDS_BYTES:
        message = "too many words"
        raise ValueError(message)
    found: dict[str, Any] = json.loads(_exactly(answer, length))
    found["attachments"] = _with_contents(found["attachments"], answer)
    several: dict[str, Callable[[Any], object]] = {
        "headers": lambda item: HeaderField(**item),
        "reply_to": lambda item: Address(**item),
        "to": lambda item: Address(**item),
        "cc": lambda item: Address(**item),
        "recipients": lambda item: Address(**item),
        "attachments": lambda item: Attachment(**item),
        "calendar": lambda item: CalendarInvite(**item),
        "forwarded": lambda item: ForwardedMessage(**{**item, "date": _moment(item["date"])}),
        "references": str,
        "warnings": str,
    }
    for name, build in several.items():
        found[name] = tuple(build(item) for item in found[name])
    bounce = found["bounce"]
    if bounce is not None:
        lists = {name: tuple(bounce[name]) for name in ("status_codes", "final_recipients")}
        found["bounce"] = DsnReport(**{**bounce, **lists})
    return ParsedMail(**{**found, "sender": Address(**found["sender"]), "date": _moment(found["date"])})


def _with_contents(files: list[dict[str, Any]], answer: IO[bytes]) -> list[dict[str, Any]]:
    """Put the bytes in the place of their lengths, which are checked first: nothing is read beyond the bound."""
    sizes = [int(file["content"]) for file in files]
    if min(sizes, default=0) < 0 or sum(sizes) > MAX_FILES_BYTES:
        message = "too many bytes of files"
        raise ValueError(message)
    return [{**file, "content": _exactly(answer, size)} for file, size in zip(files, sizes, strict=True)]


def _exactly(answer: IO[bytes], size: int) -> bytes:
    found = answer.read(size)
    if len(found) != size:
        message = "the answer ends early"
        raise ValueError(message)
    return found


def _plain(value: object) -> str | int:
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, datetime):
        return value.isoformat()
    message = f"{type(value).__name__} has no form on the wire"
    raise TypeError(message)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
