"""The social channels there are, by their kind."""

from typing import Final

from tickets.channels import discord, messenger, sms, telegram, whatsapp, x
from tickets.channels.social.shapes import Channel, TemplateChannel
from tickets.models import SocialKind

CHANNELS: Final[dict[str, Channel]] = {
    SocialKind.TELEGRAM: telegram,
    SocialKind.MESSENGER: messenger,
    SocialKind.WHATSAPP: whatsapp,
    SocialKind.X: x,
    SocialKind.DISCORD: discord,
    SocialKind.SMS: sms,
}

# Those that take approved texts.
TEMPLATE_CHANNELS: Final[dict[str, TemplateChannel]] = {SocialKind.WHATSAPP: whatsapp}
# Those that carry words alone.
WITHOUT_FILES: Final = frozenset({SocialKind.SMS.value})
# Vendors who send many events in one request: Meta up to 3 MB.
REQUEST_BYTES: Final[dict[str, int]] = dict.fromkeys((SocialKind.MESSENGER, SocialKind.WHATSAPP), 3 * 1024 * 1024)


def channel(kind: str) -> Channel:
    """Return the channel of an account's kind."""
    return CHANNELS[kind]
