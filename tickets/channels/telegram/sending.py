"""Sending to Telegram: plain text, cut where its limit is, and files. No parse mode: words stay words."""

from dataclasses import replace
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from tickets.channels.social.calling import Form, NotHandedOver, json_form, multipart
from tickets.channels.social.cutting import pieces
from tickets.channels.social.shapes import HandOver, OutgoingFile, Sent, VendorAway
from tickets.channels.telegram.client import Answer, call
from tickets.models import SocialAccount

# Telegram counts UTF-16 code units.
LONGEST_TEXT: Final = 4096
# Of the words that say whose answer it is.
LONGEST_MARK: Final = 400
PHOTO_TYPES: Final = frozenset({"image/jpeg", "image/png"})
LARGEST_PHOTO: Final = 10 * 1024 * 1024
BLOCKED: Final = "The customer has blocked the bot or deleted their account."
NO_CHAT: Final = "Telegram does not know this chat any more."
BAD_TOKEN: Final = "Telegram refuses the bot's token."  # noqa: S105 -- a sentence


def parts(text: str) -> list[str]:
    """Cut a text into pieces of at most 4096 UTF-16 units, at a line end or a space where there is one."""
    return pieces(text, LONGEST_TEXT)


def send_text(account: SocialAccount, chat_id: str, text: str, *, hand_over: HandOver) -> Sent:
    """Send one piece of plain text; links in it get no preview, which would fetch them."""
    form = json_form(chat_id=chat_id, text=text, link_preview_options={"is_disabled": True})
    return _send(account, "sendMessage", form, hand_over)


def public_parts(text: str) -> list[str]:
    """Cut a text for a group, where each piece says whose answer it is."""
    return pieces(text, LONGEST_TEXT - LONGEST_MARK)


def send_below(account: SocialAccount, below: str, text: str, *, hand_over: HandOver) -> Sent:
    """Send one piece as an answer to a message of a group, named `chat/number`, marked as official."""
    chat, _slash, number = below.partition("/")
    if not number.isdecimal():
        return Sent("failed", NO_CHAT)
    form = json_form(
        chat_id=chat,
        text=f"{text}\n\n{_mark(account)}",
        reply_parameters={"message_id": int(number), "allow_sending_without_reply": True},
        link_preview_options={"is_disabled": True},
    )
    sent = _send(account, "sendMessage", form, hand_over)
    return replace(sent, external_id=f"{chat}/{sent.external_id}") if sent.external_id else sent


def _mark(account: SocialAccount) -> str:
    """Say that the answer is ours, and where that can be checked: anybody can call themselves support."""
    with translation.override(account.language):
        said = _("Official answer of %(name)s. Whether a message is really from us you can check here: %(verify)s")
        return said % {"name": account.name, "verify": f"{settings.SITE_URL}/verify/"}


def send_file(account: SocialAccount, chat_id: str, file: OutgoingFile, *, hand_over: HandOver) -> Sent:
    """Send a picture as one, anything else as a document."""
    is_photo = file.content_type in PHOTO_TYPES and len(file.content) <= LARGEST_PHOTO
    method, name = ("sendPhoto", "photo") if is_photo else ("sendDocument", "document")
    return _send(account, method, multipart({"chat_id": chat_id}, name, file), hand_over)


def _send(account: SocialAccount, method: str, form: Form, hand_over: HandOver) -> Sent:
    try:
        answer = call(account, method, form, hand_over=hand_over)
    except NotHandedOver as error:
        return Sent("retry", str(error), is_channel_down=not error.is_lost)
    except VendorAway as error:
        return Sent("retry", str(error), is_unanswered=True)
    return _outcome(answer)


def _outcome(answer: Answer) -> Sent:
    if answer.is_ok:
        number = answer.result.get("message_id") if isinstance(answer.result, dict) else None
        return Sent("sent", external_id=str(number) if isinstance(number, int) else "")
    words = f"Telegram says {answer.code}: {answer.description}"
    if answer.code == 429:
        return Sent("retry", words, retry_after_s=answer.retry_after_s or 1.0)
    if answer.code >= 500:
        return Sent("retry", words)
    if answer.code in {401, 404}:
        return Sent("retry", BAD_TOKEN, is_channel_down=True)
    if answer.code == 403:
        return Sent("failed", BLOCKED)
    if answer.code == 400 and "chat not found" in answer.description.lower():
        return Sent("failed", NO_CHAT)
    return Sent("failed", words)
