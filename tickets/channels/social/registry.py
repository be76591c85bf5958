"""The social channels there are, by their kind."""

from typing import Final

from tickets.channels import telegram, x
from tickets.channels.social.shapes import Channel
from tickets.models import SocialKind

CHANNELS: Final[dict[str, Channel]] = {SocialKind.TELEGRAM: telegram, SocialKind.X: x}


def channel(kind: str) -> Channel:
    """Return the channel of an account's kind."""
    return CHANNELS[kind]
