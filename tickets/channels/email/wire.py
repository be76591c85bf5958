"""A ParsedMail as JSON lines between the isolated reader and its parent: no pickles, nothing executable."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tickets.channels.email.parse import (
    Address,
    Attachment,
    CalendarInvite,
    DsnReport,
    ForwardedMessage,
    HeaderField,
    ParsedMail,
)


def encode(mail: ParsedMail) -> bytes:
    """Return JSON; bytes are base64, times ISO 8601."""
    return json.dumps(asdict(mail), default=_plain).encode()


def decode(raw: bytes) -> ParsedMail:
    """Return the mail again. Raises ValueError, KeyError or TypeError for anything that is not encode's work."""
    found: dict[str, Any] = json.loads(raw)
    several: dict[str, Callable[[Any], object]] = {
        "headers": lambda item: HeaderField(**item),
        "reply_to": lambda item: Address(**item),
        "to": lambda item: Address(**item),
        "cc": lambda item: Address(**item),
        "recipients": lambda item: Address(**item),
        "attachments": lambda item: Attachment(**{**item, "content": base64.b64decode(item["content"])}),
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


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    message = f"{type(value).__name__} has no form on the wire"
    raise TypeError(message)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
