"""Groups, and the discussions below channels: of what everybody reads along, only what asks us is taken.

Asked by `/support …` or `/ask …`, by naming the bot, by answering what it wrote, or by any question in a group that is
watched. Which of these Telegram tells us at all is the bot's privacy mode.
"""

import re
from typing import Any, Final

from tickets.channels.social.shapes import Act, Incoming, Nothing, Unreadable
from tickets.channels.telegram.updates import files_of, is_id, json_object, parse, profile, said_in
from tickets.models import SocialAccount, SocialItem, SocialRoute

GROUPS: Final = frozenset({"group", "supergroup"})
COMMANDS: Final = frozenset({"support", "ask"})
_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(@[A-Za-z0-9_]{1,32})?(?:\s+|$)(.*)", re.DOTALL)
_QUESTION: Final = re.compile(r"[?？](?:\s|$)")


def parse_for(account: SocialAccount, raw: bytes) -> Incoming | Nothing:
    """Read an update, also one of a group. Raises Unreadable."""
    update = json_object(raw)
    act: Act = "correction" if "edited_message" in update else "message"
    message = update.get("edited_message" if act == "correction" else "message")
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(chat, dict) or chat.get("type") not in GROUPS:
        return parse(raw)
    if not is_id(chat.get("id")) or not is_id(message.get("message_id")):
        raise Unreadable("The update's message has no number or no chat.")
    if isinstance(message.get("sender_chat"), dict):
        return Nothing("not_a_person")
    writer = message.get("from")
    if not isinstance(writer, dict) or not is_id(writer.get("id")):
        raise Unreadable("The update's message has no sender.")
    if writer.get("is_bot") is True:
        return Nothing("from_a_bot")
    return _said(account, message, chat["id"], act)


def _said(account: SocialAccount, message: dict[str, Any], chat: int, act: Act) -> Incoming | Nothing:
    item, places = f"{chat}/{message['message_id']}", _places(message, chat)
    words = _asked(account, message)
    if words is None:
        words = said_in(message)
        is_question = _QUESTION.search(words) is not None and _is_watched(account, places)
        if not is_question and not (act == "correction" and _is_known(account, item)):
            return Nothing("not_to_us")
    files = files_of(message)
    if not words and not files:
        return Nothing("no_question")
    answered = _answered(message)
    return Incoming(
        act=act,
        chat_id=item,
        item_id=item,
        writer=profile(message["from"]),
        text=words,
        files=files,
        is_public=True,
        answers=f"{chat}/{answered['message_id']}" if answered else "",
        places=places,
    )


def _asked(account: SocialAccount, message: dict[str, Any]) -> str | None:
    """Return what we are asked, without the command; None when nobody speaks to us."""
    words, name = said_in(message), account.handle.casefold()
    if command := _COMMAND.match(words):
        is_ours = command[1].lower() in COMMANDS and (not command[2] or command[2].casefold() == name)
        return command[3].strip() if is_ours else None
    answered = _answered(message)
    if answered and isinstance(answered.get("from"), dict) and str(answered["from"].get("id")) == _number(account):
        return words
    is_named = bool(name) and re.search(rf"(?<![\w@]){re.escape(name)}(?!\w)", words.casefold()) is not None
    return words if is_named else None


def _number(account: SocialAccount) -> str:
    """A bot's token begins with its number."""
    return str(account.token).partition(":")[0]


def _answered(message: dict[str, Any]) -> dict[str, Any] | None:
    found = message.get("reply_to_message")
    return found if isinstance(found, dict) and is_id(found.get("message_id")) else None


def _places(message: dict[str, Any], chat: int) -> tuple[str, ...]:
    """The topic of a group that has topics, then the group: by their numbers, as an administrator types them."""
    thread = message.get("message_thread_id")
    return tuple(str(abs(one)) for one in (thread, chat) if is_id(one) and one)


def _is_watched(account: SocialAccount, places: tuple[str, ...]) -> bool:
    rows = SocialRoute.objects.filter(account=account, channel_id__in=places, is_watched_forum=True, is_active=True)
    return rows.exists()


def _is_known(account: SocialAccount, item: str) -> bool:
    return SocialItem.objects.filter(chat__account=account, external_id=item).exists()
