"""Reading what happens to a page: messages in Messenger and receipts; comments are read beside it."""

from typing import Any, Final

from tickets.channels.messenger import comments
from tickets.channels.meta import files
from tickets.channels.meta.door import canonical, entries, identifier, inner, moment, named, objects, text
from tickets.channels.social.calling import json_object
from tickets.channels.social.shapes import Envelope, Incoming, Nothing, Profile, Receipt, RemoteFile, Unreadable
from tickets.models import SocialAccount

# Attachments that are files, with the names that they get: Messenger gives none.
FILES: Final = {"image": "photo.jpg", "video": "video.mp4", "audio": "audio.mp4", "file": "document"}
MILLISECONDS: Final = 1000.0
LONGEST_PERSON: Final = 64
# What Meta tells of a conversation that is no word of the customer's.
SILENT: Final = (
    "optin",
    "referral",
    "account_linking",
    "policy_enforcement",
    "pass_thread_control",
    "take_thread_control",
)


def split(raw: bytes) -> list[bytes]:
    """Return an event for each message, receipt and change; bytes that hold none stay one event."""
    found = []
    for entry in entries(raw, "page"):
        page = entry.get("id")
        found += [canonical(page=page, messaging=one) for one in objects(entry.get("messaging"))]
        found += [canonical(page=page, change=one) for one in objects(entry.get("changes"))]
        found += [canonical(page=page, standby=one) for one in objects(entry.get("standby"))]
    return found or [raw]


def envelope(raw: bytes) -> Envelope:
    """Return the event's name and whose conversation it is of."""
    event = json_object(raw)
    said = inner(event, "messaging")
    if not said:
        return comments.envelope(raw, inner(event, "change"))
    stream = _other(event, said)
    if message := inner(said, "message"):
        prefix = "echo:" if message.get("is_echo") is True else "deleted:" if message.get("is_deleted") is True else ""
        mid = identifier(message.get("mid"))
        return named(raw, f"{prefix}{mid}" if mid else "", stream)
    if edit := inner(said, "message_edit"):
        mid = identifier(edit.get("mid"))
        return named(raw, f"edit:{mid}:{edit.get('num_edit')}" if mid else "", stream)
    if mid := identifier(inner(said, "postback").get("mid")):
        return named(raw, f"postback:{mid}", stream)
    return named(raw, "", stream)


def parse(raw: bytes) -> Incoming | Receipt | Nothing:
    """Read an event. Raises Unreadable."""
    event = json_object(raw)
    if change := inner(event, "change"):
        return comments.parse(change, identifier(event.get("page")))
    if "standby" in event:
        return Nothing("standby")
    said = inner(event, "messaging")
    person = _other(event, said)
    if not said or not person or len(person) > LONGEST_PERSON:
        raise Unreadable("This is no event of a page.")
    if "delivery" in said or "read" in said:
        return _receipt(said, person)
    if "reaction" in said:
        return Nothing("reaction")
    if message := inner(said, "message"):
        return _message(event, said, message)
    if edit := inner(said, "message_edit"):
        return _incoming(event, said, "correction", edit, words=text(edit.get("text")))
    if postback := inner(said, "postback"):
        return _incoming(event, said, "message", postback, words=text(postback.get("title")) or "[postback]")
    if any(name in said for name in SILENT):
        return Nothing("not_wanted")
    raise Unreadable("This event of a page is of a kind that is not known.")


def fetch(account: SocialAccount, file: RemoteFile, *, limit: int) -> bytes:
    """Return the content from Meta's own hosts; their addresses need no token. Raises VendorAway, VendorRefused."""
    return files.download(file.external_id, limit=limit)


def _other(event: dict[str, Any], said: dict[str, Any]) -> str:
    """Return who the page talks with, whichever of the two has sent this."""
    page = event.get("page")
    sender, recipient = (identifier(inner(said, side).get("id")) for side in ("sender", "recipient"))
    return recipient if sender == page and sender else sender


def _message(event: dict[str, Any], said: dict[str, Any], message: dict[str, Any]) -> Incoming | Nothing:
    if message.get("is_echo") is True:
        return Nothing("echo")
    if message.get("is_deleted") is True:
        return _incoming(event, said, "deletion", message)
    attachments = objects(message.get("attachments"))
    words = [text(message.get("text")), *(_wordless(one) for one in attachments)]
    if message.get("is_unsupported") is True:
        words.append("[unsupported]")
    spoken = "\n".join(word for word in words if word)
    found = _incoming(event, said, "message", message, words=spoken, attached=_files(attachments))
    return found if found.text or found.files else Nothing("empty")


def _incoming(
    event: dict[str, Any],
    said: dict[str, Any],
    act: Any,  # noqa: ANN401 -- one of the acts
    item: dict[str, Any],
    *,
    words: str = "",
    attached: tuple[RemoteFile, ...] = (),
) -> Incoming:
    person, mid = _other(event, said), identifier(item.get("mid"))
    if act != "message" and not mid:
        raise Unreadable("The event names no message.")
    return Incoming(
        act=act,
        chat_id=person,
        item_id=mid or f"{person}:{said.get('timestamp')}"[:150],
        writer=Profile(person, ""),
        text=words,
        files=attached,
        said_at=moment(said.get("timestamp"), unit=MILLISECONDS),
        said_to=identifier(inner(said, "recipient").get("id")),
    )


def _files(attachments: list[dict[str, Any]]) -> tuple[RemoteFile, ...]:
    found = []
    for place, one in enumerate(attachments):
        kind, payload = text(one.get("type")), inner(one, "payload")
        url = text(payload.get("url"))
        # A sticker is a picture with a number.
        if kind in FILES and url and "sticker_id" not in payload:
            name = FILES[kind]
            found.append(RemoteFile(url[:4000], f"{place + 1}-{name}" if len(attachments) > 1 else name))
    return tuple(found)


def _wordless(attachment: dict[str, Any]) -> str:
    """Return what staff read instead of what is neither a text nor a file."""
    kind, payload = text(attachment.get("type"))[:40], inner(attachment, "payload")
    if "sticker_id" in payload:
        return "[sticker]"
    if kind in FILES:
        return "" if text(payload.get("url")) else f"[{kind}]"
    if kind == "location":
        place = inner(payload, "coordinates")
        return f"[location] {place.get('lat')}, {place.get('long')}"[:200]
    said = text(attachment.get("title")) or text(payload.get("title"))
    return f"[{kind or 'attachment'}] {said}".strip()[:500]


def _receipt(said: dict[str, Any], person: str) -> Receipt | Nothing:
    state: Any = "read" if "read" in said else "delivered"
    told = inner(said, "read" if state == "read" else "delivery")
    until = moment(told.get("watermark"), unit=MILLISECONDS)
    if until is None:
        return Nothing("not_wanted")
    mids = told.get("mids")
    ids = tuple(mid for mid in mids if identifier(mid)) if isinstance(mids, list) else ()
    return Receipt(person, state, until, ids, until)
