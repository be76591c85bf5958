"""Reading an event of Discord: a message, its correction, its deletion, a command. All of it is a stranger's."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tickets.channels.discord.events import CREATED, DELETED, EDITED, MEMBER, dig, listed, number, text, told_by
from tickets.channels.discord.interactions import SUPPORT, command_of, question_of
from tickets.channels.social.calling import json_object
from tickets.channels.social.shapes import Act, Incoming, Nothing, Profile, RemoteFile, Sighting, Unreadable

# Kinds of messages that people write: a message, an answer.
WRITTEN: Final = frozenset({0, 19})
LONGEST_URL: Final = 1_000
MOST_FILES: Final = 20
# Discord's numbers begin here, and tell the time in milliseconds above their lowest 22 bits.
EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
LATEST_MS: Final = 10**13
_MENTION: Final = re.compile(r"<@!?([0-9]{1,20})>")


def parse(raw: bytes) -> Incoming | Sighting | Nothing:
    """Read an event. Raises Unreadable for one without what Discord always gives."""
    said = json_object(raw)
    name, data = text(said.get("event")), said.get("data")
    if not name:
        return _interaction(said)
    if not isinstance(data, dict):
        raise Unreadable("This is no event of Discord.")
    if "size" in said:
        raise Unreadable(f"This event has {said['size']!s:.20} bytes, more than any message: its numbers are kept.")
    if name in {CREATED, EDITED}:
        return _message(said, data, "message" if name == CREATED else "correction")
    if name == DELETED:
        return _deleted(data)
    return _member(data) if name == MEMBER else Nothing("not_wanted")


def direct(user: str) -> str:
    """Return how the private conversation with somebody is named."""
    return f"dm:{user}"


def item(channel: str, message: str) -> str:
    """Return how a message is named: Discord asks for both numbers."""
    return f"{channel}/{message}"


def _message(said: dict[str, Any], data: dict[str, Any], act: Act) -> Incoming | Nothing:
    message, channel = number(data.get("id")), number(data.get("channel_id"))
    if act == "correction" and not data.get("edited_timestamp"):
        return Nothing("not_an_edit")
    writer, us = number(dig(data, "author", "id")), number(said.get("us"))
    if not message or not channel or not writer:
        raise Unreadable("The message has no number, no channel or no writer.")
    if reason := _not_for_us(data, writer, us):
        return Nothing(reason)
    words, files = _words(data, us), _files(data)
    if not words and not files:
        return Nothing("empty")
    is_public = bool(number(data.get("guild_id")))
    thread = said.get("thread")
    begins = is_public and said.get("why") == "forum" and number(dig(thread, "id")) == message
    places = (channel, number(dig(thread, "parent"))) if is_public else ()
    return Incoming(
        act=act,
        # Of one person in one channel or below one post: nobody else's words count as theirs.
        chat_id=f"channel:{channel}:{writer}" if is_public else direct(writer),
        item_id=item(channel, message),
        writer=_profile(dig(data, "author"), dig(data, "member")),
        text=words,
        files=files,
        is_public=is_public,
        said_at=_moment(message),
        subject=text(dig(thread, "name"))[:200] if begins else "",
        places=tuple(place for place in places if place),
    )


def _not_for_us(data: dict[str, Any], writer: str, us: str) -> str:
    if writer == us:
        return "our_own"
    if data.get("webhook_id") or dig(data, "author", "bot") is True or dig(data, "author", "system") is True:
        return "bot"
    return "service_message" if data.get("type", 0) not in WRITTEN else ""


def _deleted(data: dict[str, Any]) -> Incoming:
    message, channel = number(data.get("id")), number(data.get("channel_id"))
    if not message or not channel:
        raise Unreadable("The deletion names no message or no channel.")
    return Incoming(
        act="deletion",
        chat_id="",
        item_id=item(channel, message),
        writer=Profile("", ""),
        told_by=told_by(message),
    )


def _member(data: dict[str, Any]) -> Sighting:
    server, member = number(data.get("server")), number(data.get("member"))
    if not server or not member:
        raise Unreadable("The member has no number or no server.")
    names = tuple(text(one) for one in listed(data.get("names")))
    return Sighting(server, member, names, tuple(number(one) for one in listed(data.get("roles"))))


def _interaction(said: dict[str, Any]) -> Incoming | Nothing:
    interaction, application = number(said.get("id")), number(said.get("application_id"))
    if not interaction or not application:
        raise Unreadable("This is no event of Discord.")
    if command_of(said) != SUPPORT:
        return Nothing("answered_at_once")
    member = said.get("member")
    user = dig(member, "user") if isinstance(member, dict) else said.get("user")
    writer = number(dig(user, "id"))
    if not writer:
        raise Unreadable("The command names nobody who gave it.")
    words = question_of(said)
    if not words:
        return Nothing("empty")
    return Incoming(
        act="message",
        command=SUPPORT,
        chat_id=direct(writer),
        item_id=f"interaction/{interaction}",
        writer=_profile(user, member, text(said.get("locale"))),
        text=words,
        said_at=_moment(interaction),
        said_to=application,
    )


def _profile(user: object, member: object, language: str = "") -> Profile:
    handle = text(dig(user, "username"))
    shown = text(dig(member, "nick")) or text(dig(user, "global_name"))
    name = " ".join(part for part in (shown, f"@{handle}" if handle else "") if part)
    return Profile(number(dig(user, "id")), name[:160], language[:16])


def _words(data: dict[str, Any], us: str) -> str:
    """Return what it says: names instead of numbers, what it forwards, and the names of its stickers."""
    called = {dig(one, "id"): text(dig(one, "global_name")) or text(dig(one, "username")) for one in _mentions(data)}
    said = _MENTION.sub(lambda found: "" if found[1] == us else f"@{called.get(found[1]) or found[1]}", _content(data))
    forwarded = [_content(dig(one, "message")) for one in listed(data.get("message_snapshots"))]
    stickers = [f"[{text(dig(one, 'name'))[:60]}]" for one in listed(data.get("sticker_items"))]
    return "\n\n".join(part.strip() for part in (said, *forwarded, *stickers) if part.strip())


def _mentions(data: dict[str, Any]) -> list[Any]:
    return listed(data.get("mentions"))


def _content(message: object) -> str:
    return text(dig(message, "content"))


def _files(data: dict[str, Any]) -> tuple[RemoteFile, ...]:
    forwarded = [listed(dig(one, "message", "attachments")) for one in listed(data.get("message_snapshots"))]
    found = []
    for one in [*listed(data.get("attachments")), *(file for files in forwarded for file in files)][:MOST_FILES]:
        url, size = text(dig(one, "url")), dig(one, "size")
        name = text(dig(one, "filename"))[:200] or f"file-{number(dig(one, 'id'))}"
        # One whose address is no address is named as left out.
        known = url if 0 < len(url) <= LONGEST_URL else ""
        found.append(RemoteFile(known, name, size if isinstance(size, int) and size > 0 else 0))
    return tuple(found)


def _moment(snowflake: str) -> datetime | None:
    milliseconds = int(snowflake) >> 22
    return EPOCH + timedelta(milliseconds=milliseconds) if milliseconds < LATEST_MS else None
