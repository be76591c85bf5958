"""Taking a request of the Account Activity webhook apart, and naming each event; what it says is read in reading.py."""

import hashlib
import json
import re
from typing import Any, Final

from tickets.channels.social.calling import json_object
from tickets.channels.social.shapes import Envelope

DIRECT, POSTS, DELETED, REVOKED = "direct_message_events", "tweet_create_events", "tweet_delete_events", "user_event"
_ID: Final = re.compile(r"[0-9]{1,20}\Z")


def split(raw: bytes) -> list[bytes]:
    """Return each event of a request with whom it is about, in X's own shape as if it had come alone."""
    said = json_object(raw)
    found = [
        _alone(said, name, one)
        for name, listed in sorted(said.items())
        if name.endswith("_events") and isinstance(listed, list)
        for one in listed
    ]
    return found or [raw]


def _alone(said: dict[str, Any], name: str, one: object) -> bytes:
    kept: dict[str, Any] = {key: said[key] for key in ("for_user_id", "user_has_blocked") if key in said}
    created = dig(one, "message_create")
    wanted = {"users": (text(dig(created, "sender_id")), text(dig(created, "target", "recipient_id"))),
              "apps": (text(dig(created, "source_app_id")),)}  # fmt: skip
    for key, ids in wanted.items():
        known = said.get(key)
        about = {number: known[number] for number in ids if isinstance(known, dict) and number in known}
        kept |= {key: about} if about else {}
    return json.dumps({**kept, name: [one]}, sort_keys=True).encode()


def envelope(raw: bytes) -> Envelope:
    """Name the event by X's own id and for whom it is: one post may mention two accounts of ours.

    What one person posts is handled in order, and so is a conversation by direct message.
    """
    said = json_object(raw)
    us = number(said.get("for_user_id"))
    name, one = only(said)
    found, stream = "", ""
    if name == DIRECT:
        created = dig(one, "message_create")
        people = [number(dig(created, "sender_id")), number(dig(created, "target", "recipient_id"))]
        them = next((person for person in people if person and person != us), "")
        found, stream = number(dig(one, "id")), f"dm:{them}"
    elif name == POSTS:
        found, stream = number(dig(one, "id_str")), f"post:{number(dig(one, 'user', 'id_str'))}"
    elif name == DELETED:
        found, stream = number(dig(one, "status", "id")), f"post:{number(dig(one, 'status', 'user_id'))}"
    if not found:
        return Envelope(f"sha256:{hashlib.sha256(raw).hexdigest()}", "")
    return Envelope(f"{us}:{name}:{found}", stream)


def only(said: dict[str, Any]) -> tuple[str, object]:
    """Return the kind of the one event of what `split` gives, and the event."""
    for name, listed in said.items():
        if name.endswith("_events") and isinstance(listed, list) and len(listed) == 1:
            return name, listed[0]
    return (REVOKED, said[REVOKED]) if REVOKED in said else ("", None)


def dig(found: object, *names: str) -> object:
    """Return what stands under the names, one below the other, or None."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def text(value: object) -> str:
    """Return the value if it is text, else ''."""
    return value if isinstance(value, str) else ""


def number(value: object) -> str:
    """Return the value if it is an id as X writes them, else ''."""
    return value if isinstance(value, str) and _ID.match(value) else ""
