"""Sending to X: direct messages, posts below a customer's, and pictures in direct messages."""

from collections.abc import Callable
from typing import Any, Final

from tickets.channels.social.calling import Form, NotHandedOver, json_form, multipart
from tickets.channels.social.cutting import pieces
from tickets.channels.social.shapes import PRIVATE_FILE, HandOver, OutgoingFile, Sent, VendorAway
from tickets.channels.x.client import Answer, call
from tickets.models import SocialAccount

LONGEST_MESSAGE: Final = 10_000
LARGEST_PICTURE: Final = 5 * 1024 * 1024
PICTURES: Final = {
    "image/jpeg": "dm_image",
    "image/png": "dm_image",
    "image/webp": "dm_image",
    "image/gif": "dm_gif",
}
BAD_TOKEN: Final = "X refuses the account's keys or tokens."  # noqa: S105 -- a sentence
NO_RIGHTS: Final = "The application at X may not do this: look at its permissions."
NOT_TAKEN: Final = "This person takes no messages from us at X, or does not let us answer."
SAID_BEFORE: Final = (
    "X says that the same words are there already: an earlier sending has arrived, or they were said before."
)
NO_POST: Final = "The post that this answers is not there any more."
NO_PICTURE: Final = "X takes pictures only: JPEG, PNG, GIF or WebP of at most 5 MB."
# Kinds of 403 that are about the application or the account, not about one message.
OF_THE_APPLICATION: Final = frozenset({"client-forbidden", "oauth1-permissions", "unsupported-authentication"})


def parts(text: str) -> list[str]:
    """Cut a direct message into pieces of at most 10,000 characters, at a line end or a space where there is one."""
    return pieces(text, LONGEST_MESSAGE)


def send_text(account: SocialAccount, chat_id: str, text: str, *, hand_over: HandOver) -> Sent:
    """Send one direct message."""
    return _direct(account, chat_id, json_form(text=text), hand_over)


def send_below(account: SocialAccount, below: str, text: str, *, hand_over: HandOver) -> Sent:
    """Post below another post; never where there is none, which would be a post to all the world."""
    if not below:
        return Sent("failed", NO_POST)
    form = json_form(text=text, reply={"in_reply_to_tweet_id": below})
    return _send(lambda: call(account, "POST", "/2/tweets", form, hand_over=hand_over), "id")


def send_file(account: SocialAccount, chat_id: str, file: OutgoingFile, *, hand_over: HandOver) -> Sent:
    """Send a picture: it is uploaded first, which nobody sees, then sent as a direct message."""
    if not chat_id.isdecimal():
        return Sent("failed", PRIVATE_FILE)
    category = PICTURES.get(file.content_type)
    if category is None or len(file.content) > LARGEST_PICTURE:
        return Sent("failed", NO_PICTURE)
    form = multipart({"media_category": category, "media_type": file.content_type}, "media", file)
    try:
        uploaded = call(account, "POST", "/2/media/upload", form)
    except (NotHandedOver, VendorAway) as error:
        return Sent("retry", str(error), is_channel_down=isinstance(error, NotHandedOver))
    media_id = _name(uploaded.data, "id")
    if not uploaded.is_ok or not media_id:
        return _outcome(uploaded) if not uploaded.is_ok else Sent("retry", "X names no uploaded picture.")
    return _direct(account, chat_id, json_form(attachments=[{"media_id": media_id}]), hand_over)


def _direct(account: SocialAccount, chat_id: str, form: Form, hand_over: HandOver) -> Sent:
    if not chat_id.isdecimal():
        return Sent("failed", NOT_TAKEN)
    path = f"/2/dm_conversations/with/{chat_id}/messages"
    return _send(lambda: call(account, "POST", path, form, hand_over=hand_over), "dm_event_id")


def _send(ask: Callable[[], Answer], name: str) -> Sent:
    try:
        answer = ask()
    except NotHandedOver as error:
        return Sent("retry", str(error), is_channel_down=not error.is_lost)
    except VendorAway as error:
        return Sent("retry", str(error), is_unanswered=True)
    return Sent("sent", external_id=_name(answer.data, name)) if answer.is_ok else _outcome(answer)


def _name(data: Any, name: str) -> str:  # noqa: ANN401 -- as X says it
    value = data.get(name) if isinstance(data, dict) else None
    return value[:200] if isinstance(value, str) else ""


def _outcome(answer: Answer) -> Sent:
    words = f"X says {answer.status}: {answer.words}"
    if answer.status == 429:
        return Sent("retry", words, retry_after_s=answer.retry_after_s)
    if answer.status >= 500:
        return Sent("retry", words)
    if answer.status == 401:
        return Sent("retry", BAD_TOKEN, is_channel_down=True)
    if answer.status == 403:
        return _forbidden(answer)
    return Sent("failed", words)


def _forbidden(answer: Answer) -> Sent:
    if answer.kind in OF_THE_APPLICATION:
        return Sent("retry", NO_RIGHTS, is_channel_down=True)
    said = answer.words.lower()
    if "duplicate content" in said:
        return Sent("failed", SAID_BEFORE)
    if "deleted" in said or "not visible" in said:
        return Sent("failed", NO_POST)
    return Sent("failed", NOT_TAKEN)
