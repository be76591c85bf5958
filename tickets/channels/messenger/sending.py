"""Sending to a person in Messenger, or below a comment."""

import json
from typing import Any, Final

from tickets.channels.messenger.comments import is_thread
from tickets.channels.meta.graph import call
from tickets.channels.meta.outcomes import outcome
from tickets.channels.social.calling import Form, NotHandedOver, json_form, multipart
from tickets.channels.social.cutting import pieces
from tickets.channels.social.shapes import PRIVATE_FILE, HandOver, OutgoingFile, Sent, VendorAway
from tickets.models import SocialAccount

LONGEST_TEXT: Final = 2000
LARGEST_FILE: Final = 25 * 1024 * 1024
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/gif"})
TOO_LARGE: Final = "The file is too large for this channel."


def parts(text: str) -> list[str]:
    """Cut a text into pieces of at most 2000 characters."""
    return pieces(text, LONGEST_TEXT)


def send_text(account: SocialAccount, chat_id: str, text: str, *, hand_over: HandOver) -> Sent:
    """Send one piece of plain text."""
    if is_thread(chat_id):
        return _send(account, f"{chat_id}/comments", json_form(message=text), hand_over)
    form = json_form(recipient={"id": chat_id}, messaging_type="RESPONSE", message={"text": text})
    return _send(account, _messages(account), form, hand_over)


def send_file(account: SocialAccount, chat_id: str, file: OutgoingFile, *, hand_over: HandOver) -> Sent:
    """Send a file: pictures, films and sounds as what they are. None where everybody reads."""
    if is_thread(chat_id):
        return Sent("failed", PRIVATE_FILE)
    if len(file.content) > LARGEST_FILE:
        return Sent("failed", TOO_LARGE)
    family = file.content_type.partition("/")[0]
    kind = family if file.content_type in PICTURES or family in {"video", "audio"} else "file"
    fields = {
        "recipient": json.dumps({"id": chat_id}),
        "messaging_type": "RESPONSE",
        "message": json.dumps({"attachment": {"type": kind, "payload": {"is_reusable": False}}}),
    }
    return _send(account, _messages(account), multipart(fields, "filedata", file), hand_over)


def _messages(account: SocialAccount) -> str:
    return f"{account.external_id or 'me'}/messages"


def _send(account: SocialAccount, path: str, form: Form, hand_over: HandOver) -> Sent:
    try:
        answer = call(account, path, form, hand_over=hand_over)
    except NotHandedOver as error:
        return Sent("retry", str(error), is_channel_down=not error.is_lost)
    except VendorAway as error:
        return Sent("retry", str(error), is_unanswered=True)
    named: Any = answer.said.get("message_id") or answer.said.get("id")
    return outcome(answer, named[:200] if isinstance(named, str) else "")
