"""WhatsApp by Meta's Cloud API. docs/channels/meta.md says what is taken, sent and left out."""

from tickets.channels.meta.door import challenge, is_genuine, told_of
from tickets.channels.whatsapp.accounts import delete_webhook, poll, set_webhook, who_are_we
from tickets.channels.whatsapp.files import fetch
from tickets.channels.whatsapp.sending import parts, send_file, send_template, send_text
from tickets.channels.whatsapp.updates import envelope, parse, split

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
    "send_template",
    "send_text",
    "set_webhook",
    "split",
    "told_of",
    "who_are_we",
]
