"""TON: the friendly form of 36 bytes in base64 with CRC-16, and the raw form (TEP-2); comments stand beside it."""

import base64
import binascii
import re

from django.utils.translation import gettext_lazy as _

from security.addresses.ethereum import BURNS
from security.addresses.found import TESTNET, NotAnAddressError, Read

FRIENDLY = re.compile(r"[A-Za-z0-9_-]{48}|[A-Za-z0-9+/]{48}")
RAW = re.compile(r"(?:0|-1):[0-9a-fA-F]{64}")
BOUNCEABLE, NOT_BOUNCEABLE, TEST = 0x11, 0x51, 0x80
WORKCHAINS = (0x00, 0xFF)
MOST_COMMENT_BYTES = 120
NO_CHECKSUM = _("This form carries no checksum: compare every character with the source.")
NO_COMMENT = _(
    "No comment was given. Exchanges need one: without it the money reaches nobody. Ask whether it is meant."
)
BAD_COMMENT = _("A comment is a text of at most 120 bytes.")


def read(text: str) -> Read:
    """Read an address; of the two alphabets of base64 the canonical form is the one that is safe in links."""
    if RAW.fullmatch(text):
        if text.endswith("0" * 64):
            raise NotAnAddressError(BURNS)
        return Read(text.lower(), (str(NO_CHECKSUM),))
    if not FRIENDLY.fullmatch(text):
        raise NotAnAddressError
    safe = text.replace("+", "-").replace("/", "_")
    raw = base64.urlsafe_b64decode(safe)
    if binascii.crc_hqx(raw[:-2], 0) != int.from_bytes(raw[-2:], "big") or raw[1] not in WORKCHAINS:
        raise NotAnAddressError
    if raw[0] & ~TEST not in (BOUNCEABLE, NOT_BOUNCEABLE):
        raise NotAnAddressError
    if raw[0] & TEST:
        raise NotAnAddressError(TESTNET)
    if not any(raw[2:-2]):
        raise NotAnAddressError(BURNS)
    return Read(safe)


def comment(text: str) -> Read:
    """Read the comment that goes with a transfer."""
    if not text:
        return Read("", (str(NO_COMMENT),))
    if len(text.encode()) > MOST_COMMENT_BYTES or not text.isprintable():
        raise NotAnAddressError(BAD_COMMENT)
    return Read(text)
