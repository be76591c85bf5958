"""Comments below the posts of a page: a thread of its own, which everybody can read."""

import hashlib
import re
from typing import Any, Final

from tickets.channels.meta.door import canonical, identifier, inner, moment, named, text
from tickets.channels.social.shapes import Act, Envelope, Incoming, Nothing, Profile, RemoteFile, Unreadable

_COMMENT: Final = re.compile(r"[0-9]{1,39}_[0-9]{1,39}\Z")
LONGEST_PERSON: Final = 64
ACTS: Final[dict[str, Act]] = {"add": "message", "edited": "correction", "remove": "deletion"}


def is_thread(chat_id: str) -> bool:
    """Whether a conversation is a thread of comments; people are numbered without a line."""
    return bool(_COMMENT.match(chat_id))


def envelope(raw: bytes, change: dict[str, Any]) -> Envelope:
    """Name the change of a comment: by its id, what was done, when, and what it says since."""
    value = inner(change, "value")
    comment = text(value.get("comment_id"))
    if change.get("field") != "feed" or not is_thread(comment):
        return named(raw, "", "")
    said = hashlib.sha256(canonical(value=value)).hexdigest()[:16]
    return named(raw, f"comment:{comment}:{value.get('verb')}:{value.get('created_time')}:{said}", thread(value))


def parse(change: dict[str, Any], page: str) -> Incoming | Nothing:
    """Read a change of the page. Raises Unreadable."""
    value = inner(change, "value")
    if change.get("field") != "feed" or value.get("item") != "comment":
        return Nothing("not_wanted")
    act = ACTS.get(text(value.get("verb")))
    if act is None:
        return Nothing("not_wanted")
    comment = text(value.get("comment_id"))
    if not is_thread(comment):
        raise Unreadable("The comment has no number.")
    writer = inner(value, "from")
    person = identifier(writer.get("id"))
    if person and person == page:
        return Nothing("echo")
    if len(person) > LONGEST_PERSON or (not person and act != "deletion"):
        raise Unreadable("The comment has no writer.")
    photo = text(value.get("photo"))
    words = text(value.get("message"))
    if act == "message" and not words and not photo:
        words = "[comment]"
    return Incoming(
        act=act,
        chat_id=thread(value),
        item_id=comment,
        writer=Profile(person, text(writer.get("name"))[:160]),
        text=words,
        files=(RemoteFile(photo[:4000], "photo.jpg"),) if photo else (),
        is_public=True,
        said_at=moment(value.get("created_time")),
        said_to=page,
    )


def thread(value: dict[str, Any]) -> str:
    """Return the comment that stands directly below the post: a deeper one names it as its parent."""
    parent = text(value.get("parent_id"))
    return parent if is_thread(parent) and parent != value.get("post_id") else text(value.get("comment_id"))
