"""Meta's webhooks: is a request from there, is the address ours, and how an event is kept."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tickets.channels.social.calling import json_object
from tickets.channels.social.shapes import Challenge, Envelope
from tickets.models import SocialAccount

SIGNATURE_HEADER: Final = "X-Hub-Signature-256"
# What is echoed: Meta sends a number.
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_\-]{1,128}\Z")
_ID: Final = re.compile(r"[!-~]{1,150}\Z")
LONGEST_STREAM: Final = 80


def is_genuine(account: SocialAccount, headers: Mapping[str, str], raw: bytes) -> bool:
    """Whether the raw bytes are signed with the application's secret. Without one nothing is taken."""
    secret = account.app_secret or ""
    given = headers.get(SIGNATURE_HEADER, "")
    return hmac.compare_digest(signature(secret, raw).encode(), given.encode("utf-8", "replace")) and bool(secret)


def signature(secret: str, raw: bytes) -> str:
    """Return what stands in `X-Hub-Signature-256`."""
    return f"sha256={hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}"


def challenge(account: SocialAccount, asked: Mapping[str, str]) -> Challenge | None:
    """Echo the challenge to whoever knows the account's verify token."""
    token = account.webhook_secret or ""
    given = asked.get("hub.verify_token", "")
    is_known = hmac.compare_digest(token.encode(), given.encode("utf-8", "replace")) and bool(token)
    answer = asked.get("hub.challenge", "")
    if not is_known or asked.get("hub.mode") != "subscribe" or not _CHALLENGE.match(answer):
        return None
    return Challenge(answer)


def told_of(raw: bytes) -> str:
    """Return which page or phone number an event is about; empty when it names none."""
    event = json_object(raw)
    return identifier(event.get("page")) or identifier(event.get("number"))


def entries(raw: bytes, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of a request about objects of `kind`; none for bytes that are no such request."""
    said = json_object(raw)
    if said.get("object") == kind:
        yield from objects(said.get("entry"))


def canonical(**fields: Any) -> bytes:
    """Return one event in bytes of its own, the same for the same event."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def named(raw: bytes, event_id: str, stream: str) -> Envelope:
    """Return the envelope; an event without an id of its own is named by its hash."""
    fits = len(event_id) <= 200 and event_id.isprintable() and event_id.isascii() and event_id
    return Envelope(event_id if fits else f"sha256:{hashlib.sha256(raw).hexdigest()}", stream[:LONGEST_STREAM])


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list, without what is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def inner(value: object, *names: str) -> dict[str, Any]:
    """Return the object below `names`, or an empty one."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """Return a text, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def identifier(value: object) -> str:
    """Return an id as Meta writes them: printable, without a space; empty for anything else."""
    return value if isinstance(value, str) and _ID.match(value) else ""


def moment(value: object, *, unit: float = 1.0) -> datetime | None:
    """Return the moment of a Unix time, in seconds times `unit`, given as a number or its digits."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= 16:
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / unit, UTC)
    except (ValueError, OverflowError, OSError):
        return None
