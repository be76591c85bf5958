"""Telegram by its Bot API: private chats and groups. docs/channels/telegram.md says what is taken and what not."""

from tickets.channels.telegram.accounts import challenge, delete_webhook, is_genuine, poll, set_webhook, who_are_we
from tickets.channels.telegram.files import fetch
from tickets.channels.telegram.groups import parse_for
from tickets.channels.telegram.members import is_one_of_us, seen_in
from tickets.channels.telegram.sending import parts, public_parts, send_below, send_file, send_text
from tickets.channels.telegram.updates import envelope, parse, split

__all__ = [
    "challenge",
    "delete_webhook",
    "envelope",
    "fetch",
    "is_genuine",
    "is_one_of_us",
    "parse",
    "parse_for",
    "parts",
    "poll",
    "public_parts",
    "seen_in",
    "send_below",
    "send_file",
    "send_text",
    "set_webhook",
    "split",
    "who_are_we",
]
