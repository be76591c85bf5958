"""X by its Account Activity webhook: direct messages and public mentions. docs/channels/x.md says what is taken."""

from tickets.channels.x.accounts import challenge, delete_webhook, is_genuine, poll, set_webhook, who_are_we
from tickets.channels.x.counting import public_parts
from tickets.channels.x.events import envelope, split
from tickets.channels.x.files import fetch
from tickets.channels.x.reading import parse
from tickets.channels.x.sending import parts, send_below, send_file, send_text

__all__ = [
    "challenge",
    "delete_webhook",
    "envelope",
    "fetch",
    "is_genuine",
    "parse",
    "parts",
    "poll",
    "public_parts",
    "send_below",
    "send_file",
    "send_text",
    "set_webhook",
    "split",
    "who_are_we",
]
