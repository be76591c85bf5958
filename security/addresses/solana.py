"""Solana: 32 bytes in Base58, without a checksum; a wallet's are a point of Ed25519."""

from base58_bech32 import base58
from base58_bech32.exceptions import Base58Bech32Exception
from django.utils.translation import gettext_lazy as _
from nacl.bindings import crypto_core_ed25519_is_valid_point

from security.addresses.found import NotAnAddressError, Read

SIZE, LONGEST = 32, 44
NO_CHECKSUM = _("Addresses of this network carry no checksum: compare every character with the source.")
NOT_A_WALLET = _("It belongs to a program and not to a wallet. Ask whether that is meant.")


def read(text: str) -> Read:
    """Read a Solana address."""
    try:
        payload = base58.b58decode(text, max_length=LONGEST)
    except Base58Bech32Exception:
        raise NotAnAddressError from None
    if len(payload) != SIZE or not any(payload):
        raise NotAnAddressError
    notes = [str(NO_CHECKSUM)]
    if not crypto_core_ed25519_is_valid_point(payload):
        notes.append(str(NOT_A_WALLET))
    return Read(text, tuple(notes))
