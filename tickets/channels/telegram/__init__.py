"""Telegram by its Bot API: private chats. docs/channels/telegram.md says what is taken, sent and left out."""

from tickets.channels.telegram.accounts import challenge, delete_webhook, is_genuine, poll, set_webhook, who_are_we
from tickets.channels.telegram.files import fetch
from tickets.channels.telegram.sending import parts, send_file, send_text
from tickets.channels.telegram.updates import envelope, parse, split

__all__ = [
    "challenge",
    "delete_webhook",
    "envelope",
    "fetch",
    "is_genuine",
    "parse",
    "parts",
    "poll",
    "send_file",
    "send_text",
    "set_webhook",
    "split",
    "who_are_we",
]
