"""Sending to Discord: direct messages and their files, and answers below what somebody wrote on a server."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from tickets.channels.discord.client import Answer, call, limits
from tickets.channels.discord.events import number
from tickets.channels.discord.reading import item
from tickets.channels.social.calling import Form, NotHandedOver, json_form, multipart
from tickets.channels.social.cutting import pieces
from tickets.channels.social.shapes import PRIVATE_FILE, HandOver, NamesPart, OutgoingFile, Sent, VendorAway
from tickets.models import SocialAccount

LONGEST_TEXT: Final = 2_000
LONGEST_NONCE: Final = 25
NOBODY: Final[dict[str, Any]] = {"parse": []}
BAD_TOKEN: Final = "Discord refuses the bot's token."  # noqa: S105 -- a sentence
NOT_TAKEN: Final = "This person takes no direct messages from us at Discord, or shares no server with us any more."
NO_RIGHTS: Final = "The bot may not write in this channel at Discord: look at its permissions."
NO_POST: Final = "The post that this answers is not there any more."
TOO_LARGE: Final = "The file is too large for this channel."
BUSY: Final = "Discord takes no more in this conversation for the moment."
# Codes of problems: no such channel, too many new conversations, not to this user, may not look or write, a field.
UNKNOWN_CHANNEL, TOO_MANY_NEW, NOT_TO_THIS_USER, NO_ACCESS, MAY_NOT_WRITE, INVALID = (
    10003,
    40003,
    50007,
    50001,
    50013,
    50035,
)
NEW_AGAIN_S: Final = 600.0
MOST_KNOWN: Final = 10_000
# What Discord reads as format outside of links, and at the beginning of a line as lists, titles and quotes.
_FORMAT: Final = re.compile(
    r"(?P<link>https?://[^\s<>]+)|(?P<sign>[\\*_~`|<\[\]])|^(?P<start>\s*)(?P<mark>[#>-])", re.MULTILINE
)
# (account, user) → number of the channel of direct messages, which is theirs for good.
_channels: dict[tuple[int, str], str] = {}


def parts(text: str) -> list[str]:
    """Cut a text into pieces of at most 2,000 characters; what Discord would read as format is shown as it is."""
    return pieces(_FORMAT.sub(_escaped, text), LONGEST_TEXT)


def public_parts(text: str) -> list[str]:
    """Cut a public text: the same."""
    return parts(text)


def send_text(account: SocialAccount, chat_id: str, text: str, *, hand_over: HandOver) -> Sent:
    """Send one piece as a direct message; the conversation is opened first, which nobody sees."""
    return _direct(account, chat_id, json_form(content=text, **_said(hand_over)), hand_over)


def send_file(account: SocialAccount, chat_id: str, file: OutgoingFile, *, hand_over: HandOver) -> Sent:
    """Send one file as a direct message."""
    if not chat_id.startswith("dm:"):
        return Sent("failed", PRIVATE_FILE)
    form = multipart({"payload_json": json.dumps(_said(hand_over))}, "files[0]", file)
    return _direct(account, chat_id, form, hand_over)


def send_below(account: SocialAccount, below: str, text: str, *, hand_over: HandOver) -> Sent:
    """Answer below a message of a server; never where there is none."""
    channel, _slash, message = below.partition("/")
    if not number(channel) or not number(message):
        return Sent("failed", NO_POST)
    reference = {"message_id": message, "channel_id": channel, "fail_if_not_exists": True}
    form = json_form(content=text, message_reference=reference, **_said(hand_over))
    return _post(account, channel, form, hand_over)


def _said(hand_over: HandOver) -> dict[str, Any]:
    """Return what every message says beside: nobody is called, and the same part is not taken twice."""
    name = hand_over.part if isinstance(hand_over, NamesPart) else ""
    nonce = {"nonce": name, "enforce_nonce": True} if 0 < len(name) <= LONGEST_NONCE else {}
    return {"allowed_mentions": NOBODY, **nonce}


def _direct(account: SocialAccount, chat_id: str, form: Form, hand_over: HandOver) -> Sent:
    user = number(chat_id.removeprefix("dm:"))
    if not user:
        return Sent("failed", NOT_TAKEN)
    known = _channels.get((account.pk, user), "")
    if not known:
        opened = _opened(account, user)
        if isinstance(opened, Sent):
            return opened
        known = opened
    return _post(account, known, form, hand_over, user)


def _opened(account: SocialAccount, user: str) -> str | Sent:
    """Return the channel of direct messages with somebody; Discord gives the same at each time."""
    try:
        answer = call(account, "POST", "/users/@me/channels", json_form(recipient_id=user))
    except (NotHandedOver, VendorAway) as error:
        return Sent("retry", str(error), is_channel_down=isinstance(error, NotHandedOver))
    found = number(answer.data.get("id")) if answer.is_ok and isinstance(answer.data, dict) else ""
    if not found:
        return Sent("retry", "Discord names no channel of direct messages.") if answer.is_ok else _outcome(answer)
    if len(_channels) >= MOST_KNOWN:
        _channels.clear()
    _channels[account.pk, user] = found
    return found


def _post(account: SocialAccount, channel: str, form: Form, hand_over: HandOver, user: str = "") -> Sent:
    path = f"/channels/{channel}/messages"
    if (left_s := limits.left_s(account, path)) > 0:
        return Sent("retry", BUSY, retry_after_s=left_s)
    sent, code = _send(lambda: call(account, "POST", path, form, hand_over=hand_over), channel)
    if code == UNKNOWN_CHANNEL and user:
        _channels.pop((account.pk, user), None)
    return sent


def _send(ask: Callable[[], Answer], channel: str) -> tuple[Sent, int]:
    try:
        answer = ask()
    except NotHandedOver as error:
        return Sent("retry", str(error), is_channel_down=not error.is_lost), 0
    except VendorAway as error:
        return Sent("retry", str(error), is_unanswered=True), 0
    if not answer.is_ok:
        return _outcome(answer), answer.code
    message = number(answer.data.get("id")) if isinstance(answer.data, dict) else ""
    return Sent("sent", external_id=item(channel, message) if message else ""), 0


def _outcome(answer: Answer) -> Sent:
    words = f"Discord says {answer.status}: {answer.words}"
    if answer.status == 429:
        return Sent("retry", words, retry_after_s=answer.retry_after_s)
    if answer.status >= 500:
        return Sent("retry", words)
    if answer.status == 401:
        return Sent("retry", BAD_TOKEN, is_channel_down=True)
    if answer.code == TOO_MANY_NEW:
        return Sent("retry", words, retry_after_s=NEW_AGAIN_S)
    if answer.status == 413:
        return Sent("failed", TOO_LARGE)
    if answer.code == INVALID and "message_reference" in answer.about:
        return Sent("failed", NO_POST)
    known = {NOT_TO_THIS_USER: NOT_TAKEN, NO_ACCESS: NO_RIGHTS, MAY_NOT_WRITE: NO_RIGHTS, UNKNOWN_CHANNEL: NO_POST}
    return Sent("failed", known.get(answer.code) or words)


def _escaped(found: re.Match[str]) -> str:
    if found["link"]:
        return found["link"]
    return f"\\{found['sign']}" if found["sign"] else f"{found['start']}\\{found['mark']}"
