"""SMS by Twilio's Messaging API or one in its shape. docs/channels/sms.md says what is taken, sent and left out."""

from tickets.channels.sms.accounts import delete_webhook, poll, set_webhook, who_are_we
from tickets.channels.sms.door import challenge, is_genuine, split
from tickets.channels.sms.reading import envelope, fetch, parse
from tickets.channels.sms.sending import parts, send_file, send_text

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
