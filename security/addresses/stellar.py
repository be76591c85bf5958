"""Stellar: strkeys (SEP-23) of accounts and of accounts with an id in them; memos of 28 bytes, 64 bits or a hash."""

import base64
import binascii
import re

from django.utils.translation import gettext_lazy as _

from security.addresses.found import NotAnAddressError, Read

ACCOUNT, MUXED, SEED, CONTRACT = 6 << 3, 12 << 3, 18 << 3, 2 << 3
SIZES = {ACCOUNT: 32, MUXED: 40, SEED: 32, CONTRACT: 32}
STRKEY = re.compile(r"[A-Z2-7]{56}|[A-Z2-7]{69}")
MOST_MEMO_BYTES, MOST_ID = 28, 2**64 - 1
HASH = re.compile(r"[0-9a-fA-F]{64}")
SECRET = _(
    "This is a secret key and not an address. Whoever sees it can take everything: the money has to be moved out now."
)
NOT_TO_CONTRACTS = _("This is a contract, which takes no payment. Use an address that begins with G.")
NO_MEMO = _("No memo was given. Exchanges need one: without it the money reaches nobody. Ask whether it is meant.")
BAD_MEMO = _("A memo is a text of at most 28 bytes, a whole number, or a hash of 64 hexadecimal digits.")
TWO_IDS = _("An address that begins with M carries its id already: leave the memo empty.")


def read(text: str) -> Read:
    """Read an address that begins with G or M."""
    version = _version(text)
    if version == SEED:
        raise NotAnAddressError(SECRET)
    if version == CONTRACT:
        raise NotAnAddressError(NOT_TO_CONTRACTS)
    return Read(text)


def memo(text: str, address: str) -> Read:
    """Read the memo that goes with `address`: a number is an id, 64 hexadecimal digits are a hash, the rest is text."""
    if address.startswith("M"):
        if text:
            raise NotAnAddressError(TWO_IDS)
        return Read("")
    if not text:
        return Read("", (str(NO_MEMO),))
    if text.isascii() and text.isdigit():
        if len(text) > MOST_MEMO_BYTES or int(text) > MOST_ID:
            raise NotAnAddressError(BAD_MEMO)
        return Read(str(int(text)))
    if HASH.fullmatch(text):
        return Read(text.lower())
    if len(text.encode()) > MOST_MEMO_BYTES or not text.isprintable():
        raise NotAnAddressError(BAD_MEMO)
    return Read(text)


def _version(text: str) -> int:
    """Return the version byte of a strkey that is whole: CRC-16/XMODEM, and no bit that stands for nothing."""
    if not STRKEY.fullmatch(text):
        raise NotAnAddressError
    raw = base64.b32decode(text + "=" * (-len(text) % 8))
    body, given = raw[:-2], int.from_bytes(raw[-2:], "little")
    is_whole = base64.b32encode(raw).decode().rstrip("=") == text and binascii.crc_hqx(body, 0) == given
    if not is_whole or SIZES.get(body[0]) != len(body) - 1:
        raise NotAnAddressError
    return body[0]
