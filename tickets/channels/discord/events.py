"""The envelope of what the gateway says, which concerns us, and taking it apart; what it says is read in reading.py.

An envelope is our canonical JSON: `event` and `data` as Discord sends them, `us` (the bot's user), `why` it was kept,
and of a thread `thread` (its parent, owner and name), which Discord tells in another event.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from security import lookalikes
from tickets.channels.social.calling import json_object
from tickets.channels.social.shapes import Envelope

CREATED, EDITED, DELETED, DELETED_BULK = "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"
JOINED, CHANGED, MEMBER = "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "MEMBER"
HEARD: Final = frozenset({CREATED, EDITED, DELETED, DELETED_BULK, JOINED, CHANGED})
# A whole message with everything it can have is a tenth of it.
LARGEST: Final = 256 * 1024
# Of several messages deleted at once Discord names a hundred.
MOST_DELETED: Final = 100
_ID: Final = re.compile(r"[0-9]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the gateway, with the bot's user, and the thread it happened in if Discord has told of that."""

    name: str
    data: dict[str, Any]
    us: str
    thread: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a server concerns an account: its watched forums, names that are ours, and the role of our people."""

    forums: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    role: str = ""


def why(event: Event, wanted: Wanted) -> str:
    """Return why an event concerns us, or ''. 'perhaps': it does if we have kept the message that it is about."""
    if event.name not in HEARD or event.name in {JOINED, CHANGED}:
        return ""
    if not number(event.data.get("guild_id")):
        return "direct"
    if event.name in {DELETED, DELETED_BULK}:
        return "perhaps"
    if _speaks_to(event.data, event.us):
        return "mention"
    if event.thread and event.thread["parent"] in wanted.forums and event.thread["owner"] == _writer(event.data):
        return "forum"
    return "perhaps" if event.name == EDITED else ""


def impostor(event: Event, wanted: Wanted) -> dict[str, Any] | None:
    """Return the member whom an event shows, if they are called like us and have not the role of our people."""
    if not wanted.role or event.name not in {CREATED, JOINED, CHANGED}:
        return None
    user = event.data.get("author") if event.name == CREATED else event.data.get("user")
    member = event.data.get("member") if event.name == CREATED else event.data
    who, server = number(dig(user, "id")), number(event.data.get("guild_id"))
    if not who or not server or who == event.us or not isinstance(member, dict) or "webhook_id" in event.data:
        return None
    names = [text(member.get("nick")), text(dig(user, "global_name")), text(dig(user, "username"))]
    roles = [one for one in listed(member.get("roles")) if number(one)]
    if wanted.role in roles or not any(looks_of(name) & wanted.names for name in names if name):
        return None
    return {"server": server, "member": who, "names": [name[:100] for name in names if name], "roles": roles[:250]}


def looks_of(name: str) -> frozenset[str]:
    """Return what a name looks like to a reader, whatever stands between its words."""
    seen = {one.translate(lookalikes.SEPARATORS) for one in lookalikes.skeletons(name[:100])}
    return frozenset(one for one in seen if one)


def packed(event: Event, reason: str) -> bytes:
    """Return the envelope; of one that is too large to be a message, what names it."""
    fields = {"event": event.name, "data": event.data, "us": event.us, "why": reason}
    raw = _canonical(fields | ({"thread": event.thread} if event.thread else {}))
    if len(raw) <= LARGEST:
        return raw
    names = {name: event.data[name] for name in ("id", "channel_id", "guild_id") if number(event.data.get(name))}
    return _canonical({**fields, "data": names, "size": len(raw)})


def packed_member(member: dict[str, Any], day: str) -> bytes:
    """Return the envelope of a member who is called like us, as seen on a day."""
    return _canonical({"event": MEMBER, "data": member, "day": day})


def split(raw: bytes) -> list[bytes]:
    """Return each event of an envelope: of several messages deleted at once, each deletion."""
    said = json_object(raw)
    if said.get("event") != DELETED_BULK:
        return [raw]
    data = said.get("data")
    data = data if isinstance(data, dict) else {}
    kept = {name: value for name, value in data.items() if name != "ids"}
    ids = [one for one in listed(data.get("ids"))[:MOST_DELETED] if number(one)]
    return [_canonical({**said, "event": DELETED, "data": {**kept, "id": one}}) for one in ids] or [raw]


def envelope(raw: bytes) -> Envelope:
    """Name the event by Discord's numbers. What happens in one channel is handled in order."""
    said = json_object(raw)
    name, data = text(said.get("event")), said.get("data")
    found, stream = number(dig(data, "id")), f"channel:{number(dig(data, 'channel_id'))}"
    if name == CREATED and found:
        return Envelope(told_by(found), stream)
    if name == DELETED and found:
        return Envelope(f"deletion:{found}", stream)
    if name == EDITED and found:
        return Envelope(f"edit:{found}:{_hash(raw)}", stream)
    if name == MEMBER:
        seen = f"{number(dig(data, 'server'))}:{number(dig(data, 'member'))}:{text(said.get('day'))[:10]}"
        return Envelope(f"member:{seen}:{_hash(raw)}", "")
    if not name and number(said.get("id")) and said.get("type") in {1, 2, 3, 4, 5}:
        return Envelope(f"interaction:{number(said.get('id'))}", f"interactions:{number(said.get('channel_id'))}")
    return Envelope(f"sha256:{hashlib.sha256(raw).hexdigest()}", "")


def told_by(message_id: str) -> str:
    """Return how the event is named that tells of a new message."""
    return f"message:{message_id}"


def dig(found: object, *names: str) -> object:
    """Return what stands under the names, one below the other, or None."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def text(value: object) -> str:
    """Return the value if it is text, else ''."""
    return value if isinstance(value, str) else ""


def number(value: object) -> str:
    """Return the value if it is an id as Discord writes them, else ''."""
    return value if isinstance(value, str) and _ID.match(value) else ""


def listed(value: object) -> list[Any]:
    """Return the value if it is a list, else none."""
    return value if isinstance(value, list) else []


def _writer(data: dict[str, Any]) -> str:
    return number(dig(data, "author", "id"))


def _speaks_to(data: dict[str, Any], us: str) -> bool:
    """Whether a message names us or answers us; everybody at once is not us."""
    if us in [dig(one, "id") for one in listed(data.get("mentions"))]:
        return True
    return number(dig(data, "referenced_message", "author", "id")) == us


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:32]


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
