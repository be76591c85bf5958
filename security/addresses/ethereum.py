"""Ethereum and its like: 20 bytes in hexadecimal, whose capitals are a checksum (EIP-55)."""

import re

from Crypto.Hash import keccak
from django.utils.translation import gettext_lazy as _

from security.addresses.found import NotAnAddressError, Read

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
ZERO = "0x" + "0" * 40
NO_CHECKSUM = _("It was written without capitals, which are its checksum: compare every character with the source.")
BURNS = _("Nobody has a key to this address: what is sent there is lost.")
CAPITALS = _("Its capitals do not fit: a character is wrong. Copy the address from its source again.")
HALF = 8


def read(text: str) -> Read:
    """Read an address; one without mixed case is taken and told, since it carries no checksum."""
    if not ADDRESS.fullmatch(text):
        raise NotAnAddressError
    if text.lower() == ZERO:
        raise NotAnAddressError(BURNS)
    canonical = checksummed(text.lower())
    digits = text[2:]
    if digits in (digits.lower(), digits.upper()) and text != canonical:
        return Read(canonical, (str(NO_CHECKSUM),))
    if text != canonical:
        raise NotAnAddressError(CAPITALS)
    return Read(canonical)


def checksummed(lower: str) -> str:
    """Return the address with the capitals of EIP-55."""
    digits = lower[2:]
    digest = keccak.new(digest_bits=256, data=digits.encode()).hexdigest()
    pairs = zip(digits, digest, strict=False)
    return "0x" + "".join(digit.upper() if int(mark, 16) >= HALF else digit for digit, mark in pairs)
