"""Reading what happens to a number: messages, and what became of ours. Whatever is in it is a stranger's."""

import mimetypes
from typing import Any, Final

from tickets.channels.meta.door import canonical, entries, identifier, inner, moment, named, objects, text
from tickets.channels.meta.outcomes import refusal
from tickets.channels.social.calling import json_object
from tickets.channels.social.shapes import Act, Envelope, Incoming, Nothing, Profile, Receipt, RemoteFile, Unreadable

FILES: Final = {"image": "photo", "video": "video", "audio": "audio", "voice": "voice", "document": "document"}
# Types that Python's list names otherwise than people expect.
ENDINGS: Final = {"image/jpeg": ".jpg", "audio/ogg": ".ogg", "audio/amr": ".amr", "video/3gpp": ".3gp"}
# What the customer does that says nothing to read.
SILENT: Final = ("reaction", "system", "request_welcome", "errors")


def split(raw: bytes) -> list[bytes]:
    """Return an event for each message, status and other change; bytes that hold none stay one event.

    Each has what it needs: the profile of who wrote, and the number it was written to.
    """
    found = []
    for entry in entries(raw, "whatsapp_business_account"):
        for change in objects(entry.get("changes")):
            value = inner(change, "value")
            number = inner(value, "metadata").get("phone_number_id")
            names = {one.get("wa_id"): inner(one, "profile").get("name") for one in objects(value.get("contacts"))
                     if isinstance(one.get("wa_id"), str)}  # fmt: skip
            told = [
                canonical(number=number, name=names.get(one.get("from")), message=one)
                for one in objects(value.get("messages"))
            ]
            told += [canonical(number=number, status=one) for one in objects(value.get("statuses"))]
            found += told or [canonical(change=change, account=entry.get("id"), time=entry.get("time"))]
    return found or [raw]


def envelope(raw: bytes) -> Envelope:
    """Return the event's name and whose conversation it is of."""
    event = json_object(raw)
    if message := inner(event, "message"):
        return named(raw, identifier(message.get("id")), identifier(message.get("from")))
    status = inner(event, "status")
    wamid = identifier(status.get("id"))
    name = f"status:{wamid}:{status.get('status')}" if wamid else ""
    return named(raw, name, identifier(status.get("recipient_id")))


def parse(raw: bytes) -> Incoming | Receipt | Nothing:
    """Read an event. Raises Unreadable."""
    event = json_object(raw)
    if message := inner(event, "message"):
        return _message(event, message)
    if status := inner(event, "status"):
        return _status(status)
    if inner(event, "change").get("field"):
        return Nothing("not_wanted")
    raise Unreadable("This is no event of a WhatsApp number.")


def _message(event: dict[str, Any], message: dict[str, Any]) -> Incoming | Nothing:
    wamid, person, kind = identifier(message.get("id")), identifier(message.get("from")), text(message.get("type"))
    if not wamid or not person or len(person) > 64:
        raise Unreadable("The message names no number and no sender.")
    if kind in SILENT:
        return Nothing(kind)
    act: Act = "message"
    item, said = wamid, message
    if kind in {"edit", "revoke"}:
        changed = inner(message, kind)
        act, item = ("correction", "deletion")[kind == "revoke"], identifier(changed.get("original_message_id"))
        said = inner(changed, "message")
        if not item:
            raise Unreadable("The change names no message.")
    words, attached = ("", ()) if act == "deletion" else _content(said, item)
    return Incoming(
        act=act,
        chat_id=person,
        item_id=item,
        writer=Profile(person, text(event.get("name"))[:160]),
        text=words,
        files=attached,
        said_at=moment(message.get("timestamp")),
        said_to=identifier(event.get("number")),
    )


def _content(message: dict[str, Any], item: str) -> tuple[str, tuple[RemoteFile, ...]]:
    """Return the words and the files; what has no words is named in brackets."""
    kind = text(message.get("type"))
    found = inner(message, kind)
    if kind == "text":
        return text(found.get("body")), ()
    if kind in FILES:
        media = identifier(found.get("id"))
        name = text(found.get("filename"))[:200] or f"{FILES[kind]}{_ending(text(found.get('mime_type')))}"
        return text(found.get("caption")) or ("" if media else f"[{kind}]"), (RemoteFile(media, name),) if media else ()
    if kind == "button":
        return text(found.get("text")) or "[button]", ()
    if kind == "interactive":
        return _chosen(found), ()
    return _wordless(kind, message, found), ()


def _chosen(interactive: dict[str, Any]) -> str:
    """Return what somebody chose from buttons or a list, as they read it."""
    chosen = inner(interactive, text(interactive.get("type")))
    words = [text(chosen.get(name)) for name in ("title", "description")]
    return "\n".join(word for word in words if word) or f"[{text(interactive.get('type'))[:40] or 'interactive'}]"


def _wordless(kind: str, message: dict[str, Any], found: dict[str, Any]) -> str:
    said = ""
    if kind == "location":
        place = f"{found.get('latitude')}, {found.get('longitude')}"
        said = " ".join(word for word in (text(found.get("name")), text(found.get("address")), place) if word)
    elif kind == "contacts":
        people = objects(message.get("contacts"))
        said = ", ".join(text(inner(one, "name").get("formatted_name")) for one in people)
    elif kind == "order":
        said = text(found.get("text"))
    return f"[{kind[:40] or 'unknown'}] {said}".strip()[:500]


def _ending(mime_type: str) -> str:
    plain = mime_type.partition(";")[0].strip().lower()
    return ENDINGS.get(plain) or mimetypes.guess_extension(plain) or ""


def _status(status: dict[str, Any]) -> Receipt | Nothing:
    wamid, person = identifier(status.get("id")), identifier(status.get("recipient_id"))
    state, at = text(status.get("status")), moment(status.get("timestamp"))
    if not wamid or not person or at is None:
        raise Unreadable("The status names no message.")
    if state in {"delivered", "read"}:
        return Receipt(person, "read" if state == "read" else "delivered", at, (wamid,))
    if state != "failed":
        return Nothing("not_wanted")
    error = next(iter(objects(status.get("errors"))), {})
    code = error.get("code")
    words = text(inner(error, "error_data").get("details")) or text(error.get("message")) or text(error.get("title"))
    number = code if isinstance(code, int) else 0
    detail = refusal(number, 0, words) or f"Meta says {number}: {words[:200]}".removesuffix(": ")
    return Receipt(person, "failed", at, (wamid,), detail=detail)
