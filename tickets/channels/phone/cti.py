"""Events of a PBX of our own: whether one is genuine, and what it says. The shape is ours: docs/channels/cti.md."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.clock import now
from tickets.models import PhoneLine
from tickets.models.phone import E164

TIMESTAMP, SIGNATURE = "X-Pharos-Timestamp", "X-Pharos-Signature"
WINDOW_S: Final = 300
RINGING, ANSWERED, ENDED = "ringing", "answered", "ended"
NAMED: Final = re.compile(r"[A-Za-z0-9._:@-]{1,64}\Z")
STAMP: Final = re.compile(r"[0-9]{1,12}\Z")


class Unreadable(Exception):
    """An event that says nothing we know, in a sentence for whoever sets up the PBX."""


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One thing that a PBX says of a call. `agent` is the address by which somebody of ours signs in."""

    event_id: str
    kind: str
    call: str
    number: str
    agent: str
    was_answered: bool
    language: str


def signature(secret: str, stamp: str, raw: bytes) -> str:
    """Return the signature over timestamp, a full stop and the raw body, in hex."""
    return hmac.digest(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hex()


def is_genuine(line: PhoneLine, headers: Mapping[str, str], raw: bytes) -> bool:
    """Whether the PBX has signed these bytes within the last five minutes; compared in constant time."""
    stamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not line.cti_secret or not STAMP.match(stamp):
        return False
    right = signature(line.cti_secret, stamp, raw)
    is_right = hmac.compare_digest(right.encode(), given.encode("utf-8", "surrogateescape"))
    return is_right and abs(now().timestamp() - int(stamp)) <= WINDOW_S


def read(raw: bytes) -> CallEvent:
    """Return what an event says. Raises Unreadable."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable("The body is no JSON.") from error
    if not isinstance(said, dict):
        raise Unreadable("The body is no object.")
    event_id, call = _text(said, "id"), _text(said, "call")
    if not NAMED.match(event_id) or not NAMED.match(call):
        raise Unreadable("id and call are 1 to 64 letters, digits or . _ : @ -")
    kind = _text(said, "event")
    if kind not in {RINGING, ANSWERED, ENDED}:
        raise Unreadable("event is ringing, answered or ended.")
    number = _text(said, "from")
    return CallEvent(
        event_id=event_id,
        kind=kind,
        call=call,
        number=number if E164.match(number) else "",
        agent=_text(said, "agent").lower(),
        was_answered=said.get("answered") is True,
        language=_text(said, "language"),
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name, "")
    return found if isinstance(found, str) and "\x00" not in found else ""
