"""Who is in a group: what its members are called, and whether they are ours, who are its administrators."""

from typing import Any, Final

from tickets.channels.social.calling import NotHandedOver, json_form
from tickets.channels.social.shapes import Sighting, VendorAway, VendorRefused
from tickets.channels.telegram.client import call
from tickets.channels.telegram.updates import is_id, json_object, text
from tickets.models import SocialAccount

GROUPS: Final = frozenset({"group", "supergroup"})
OURS: Final = frozenset({"creator", "administrator"})
MOST: Final = 50


def seen_in(account: SocialAccount, raw: bytes) -> tuple[Sighting, ...]:
    """Return whom an update of a group shows, who writes or comes in; bots, too, but for our own."""
    update = json_object(raw)
    message = update.get("message") or update.get("edited_message")
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(chat, dict) or chat.get("type") not in GROUPS:
        return ()
    came = message.get("new_chat_members")
    # Who writes as a channel or as the group itself stands below that one's name.
    writes = [] if isinstance(message.get("sender_chat"), dict) else [message.get("from")]
    people = [*writes, *(came if isinstance(came, list) else [])][:MOST]
    us = str(account.token).partition(":")[0]
    return tuple(
        _sighting(chat["id"], one)
        for one in people
        if is_id(chat.get("id")) and isinstance(one, dict) and is_id(one.get("id")) and str(one["id"]) != us
    )


def is_one_of_us(account: SocialAccount, seen: Sighting) -> bool:
    """Whether a member is an administrator of the group. Raises VendorAway, VendorRefused."""
    form = json_form(chat_id=int(seen.server_id), user_id=int(seen.member_id))
    try:
        answer = call(account, "getChatMember", form)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    if not answer.is_ok:
        if answer.code == 429 or answer.code >= 500:
            raise VendorAway(f"Telegram says {answer.code}.")
        raise VendorRefused(f"Telegram says {answer.code}: {answer.description}")
    return isinstance(answer.result, dict) and answer.result.get("status") in OURS


def _sighting(chat: int, member: dict[str, Any]) -> Sighting:
    whole = f"{text(member.get('first_name'))} {text(member.get('last_name'))}".strip()
    names = (whole, text(member.get("username")))
    return Sighting(str(chat), str(member["id"]), tuple(dict.fromkeys(name for name in names if name)), ())
