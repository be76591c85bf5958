"""Discord: direct messages, mentions and forum posts by its gateway; commands by interactions.

docs/channels/discord.md says what is taken. `gateway`, which listens by the library, is imported by one process alone.
"""

from tickets.channels.discord.accounts import challenge, delete_webhook, is_genuine, poll, set_webhook, who_are_we
from tickets.channels.discord.events import envelope, split
from tickets.channels.discord.files import fetch
from tickets.channels.discord.interactions import asked, pong, told
from tickets.channels.discord.reading import parse
from tickets.channels.discord.sending import parts, public_parts, send_below, send_file, send_text

__all__ = [
    "asked",
    "challenge",
    "delete_webhook",
    "envelope",
    "fetch",
    "is_genuine",
    "parse",
    "parts",
    "poll",
    "pong",
    "public_parts",
    "send_below",
    "send_file",
    "send_text",
    "set_webhook",
    "split",
    "told",
    "who_are_we",
]
