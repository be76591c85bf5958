"""Reading an update of the Bot API: what somebody wrote in a private chat. Whatever is in it is a stranger's."""

import hashlib
import json
from typing import Any, Final

from tickets.channels.social.shapes import Act, Envelope, Incoming, Nothing, Profile, RemoteFile, Unreadable

# Kinds of content that are one file; a voice message and a video note have no name of their own.
FILES: Final = {
    "document": "document",
    "voice": "voice.ogg",
    "video": "video.mp4",
    "audio": "audio.mp3",
    "animation": "animation.mp4",
    "video_note": "video.mp4",
}
# What has no words: staff read what it was. The words in brackets are for them, in English as in the vendor's own list.
WORDLESS: Final = ("sticker", "location", "venue", "contact", "poll", "dice", "story", "game")
LONGEST_ID: Final = 2**63


def split(raw: bytes) -> list[bytes]:
    """Telegram sends one update at a time."""
    return [raw]


def envelope(raw: bytes) -> Envelope:
    """Return the update's id and its chat. Bytes that are no update are named by their hash, and go to review."""
    update = json_object(raw)
    number = update.get("update_id")
    if not is_id(number):
        return Envelope(f"sha256:{hashlib.sha256(raw).hexdigest()}", "")
    message = update.get("message") or update.get("edited_message")
    chat = message.get("chat") if isinstance(message, dict) else None
    chat_id = chat.get("id") if isinstance(chat, dict) else None
    return Envelope(str(number), str(chat_id) if is_id(chat_id) else "")


def parse(raw: bytes) -> Incoming | Nothing:
    """Read an update. Raises Unreadable for bytes that are none, or one without what Telegram always gives."""
    update = json_object(raw)
    if not is_id(update.get("update_id")):
        raise Unreadable("This is no update of the Bot API.")
    if "edited_message" in update:
        return _message(update["edited_message"], act="correction")
    if "message" in update:
        return _message(update["message"], act="message")
    return Nothing("not_wanted")


def _message(message: object, *, act: Act) -> Incoming | Nothing:
    if not isinstance(message, dict) or not is_id(message.get("message_id")):
        raise Unreadable("The update's message has no number.")
    chat = message.get("chat")
    if not isinstance(chat, dict) or not is_id(chat.get("id")):
        raise Unreadable("The update's message has no chat.")
    if chat.get("type") != "private":
        return Nothing("not_private")
    writer = message.get("from")
    if not isinstance(writer, dict) or not is_id(writer.get("id")):
        raise Unreadable("The update's message has no sender.")
    if writer.get("is_bot") is True:
        return Nothing("from_a_bot")
    words = said_in(message)
    files = files_of(message)
    command = _command(words) if act == "message" and not files else ""
    if not words and not files:
        words = _wordless(message)
        if not words:
            return Nothing("service_message")
    return Incoming(
        act="command" if command else act,
        chat_id=str(chat["id"]),
        item_id=str(message["message_id"]),
        writer=profile(writer),
        text=words,
        command=command,
        files=files,
        album=text(message.get("media_group_id"))[:64],
    )


def said_in(message: dict[str, Any]) -> str:
    """Return the words of a message, or below its picture."""
    return text(message.get("text")) or text(message.get("caption"))


def profile(writer: dict[str, Any]) -> Profile:
    """Return who writes, as they call themselves."""
    name = " ".join(part for part in (text(writer.get("first_name")), text(writer.get("last_name"))) if part)
    return Profile(str(writer["id"]), name[:160], text(writer.get("language_code"))[:16])


def _command(said: str) -> str:
    """Return the command's name when the text is one (`/start`, `/start payload`, `/verify@our_bot`)."""
    if not said.startswith("/"):
        return ""
    return said[1:].split(maxsplit=1)[0].partition("@")[0].lower()[:32] if len(said) > 1 and said[1].isalpha() else ""


def files_of(message: dict[str, Any]) -> tuple[RemoteFile, ...]:
    """Return the file of a message, if it has one."""
    photo = _largest(message.get("photo"))
    if photo:
        return (RemoteFile(photo["file_id"], f"photo-{message['message_id']}.jpg", _size(photo)),)
    # A document that is an animation stands under both names.
    for kind in ("animation", *FILES):
        found = message.get(kind)
        if isinstance(found, dict) and isinstance(found.get("file_id"), str):
            name = text(found.get("file_name")) or FILES[kind]
            return (RemoteFile(found["file_id"][:400], name[:200], _size(found)),)
    return ()


def _largest(photo: object) -> dict[str, Any] | None:
    """The same picture comes in several sizes."""
    offered = photo if isinstance(photo, list) else []
    sizes = [one for one in offered if isinstance(one, dict) and isinstance(one.get("file_id"), str)]
    return max(sizes, key=_size, default=None)


def _size(found: dict[str, Any]) -> int:
    size = found.get("file_size")
    return size if isinstance(size, int) and 0 < size < LONGEST_ID else 0


def _wordless(message: dict[str, Any]) -> str:
    kind = next((kind for kind in WORDLESS if isinstance(message.get(kind), dict)), "")
    if not kind:
        return ""
    found = message[kind]
    said = {
        "sticker": text(found.get("emoji")),
        "location": f"{found.get('latitude')}, {found.get('longitude')}",
        "contact": text(found.get("first_name")),
        "poll": text(found.get("question")),
        "venue": text(found.get("title")),
    }.get(kind, "")
    return f"[{kind}] {said}".strip()[:500]


def json_object(raw: bytes) -> dict[str, Any]:
    """Return the object that the bytes are, or an empty one."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def text(value: object) -> str:
    """Return a text, or an empty one."""
    return value if isinstance(value, str) else ""


def is_id(value: object) -> bool:
    """Whether this can be a number of Telegram's."""
    return isinstance(value, int) and not isinstance(value, bool) and -LONGEST_ID < value < LONGEST_ID
