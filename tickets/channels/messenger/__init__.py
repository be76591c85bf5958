"""Facebook Messenger: messages to a page, and comments below its posts. docs/channels/meta.md says what is taken."""

from tickets.channels.messenger.accounts import delete_webhook, poll, set_webhook, who_are_we
from tickets.channels.messenger.people import name_of
from tickets.channels.messenger.sending import parts, send_file, send_text
from tickets.channels.messenger.updates import envelope, fetch, parse, split
from tickets.channels.meta.door import challenge, is_genuine, told_of

__all__ = [
    "challenge",
    "delete_webhook",
    "envelope",
    "fetch",
    "is_genuine",
    "name_of",
    "parse",
    "parts",
    "poll",
    "send_file",
    "send_text",
    "set_webhook",
    "split",
    "told_of",
    "who_are_we",
]
