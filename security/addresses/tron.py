"""Tron: Base58Check over 0x41 and 20 bytes."""

from base58_bech32 import base58
from base58_bech32.exceptions import Base58Bech32Exception

from security.addresses.found import TESTNET, NotAnAddressError, Read

MAIN, TEST = 0x41, 0xA0


def read(text: str) -> Read:
    """Read a Tron address."""
    try:
        payload = base58.b58decode_check(text, out_size=21)
    except Base58Bech32Exception:
        raise NotAnAddressError from None
    if payload[0] != MAIN:
        raise NotAnAddressError(TESTNET if payload[0] == TEST else "")
    return Read(text)
