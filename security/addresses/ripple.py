"""XRP Ledger: Base58Check in its own alphabet; destination tags of 32 bits; X-addresses are told (XLS-5)."""

from base58_bech32 import base58
from base58_bech32.exceptions import Base58Bech32Exception
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from security.addresses.found import TESTNET, NotAnAddressError, Read

ACCOUNT, MOST_TAG, MOST_DIGITS = b"\0", 2**32 - 1, 20
X_MAIN, X_TEST = bytes((0x05, 0x44)), bytes((0x04, 0x93))
SIZES = (21, 31)
NO_TAG = gettext_lazy(
    "No tag was given. Exchanges need one: without it the money reaches nobody. Ask whether it is meant."
)
BAD_TAG = gettext_lazy("A tag of this network is a whole number from 0 to 4294967295.")


def read(text: str) -> Read:
    """Read a classic address."""
    try:
        payload = base58.b58decode_check(text, alphabet=base58.RIPPLE_ALPHABET)
    except Base58Bech32Exception:
        raise NotAnAddressError from None
    if len(payload) not in SIZES:
        raise NotAnAddressError
    if len(payload) == SIZES[1]:
        raise NotAnAddressError(_unpacked(payload))
    if payload[:1] != ACCOUNT:
        raise NotAnAddressError
    return Read(text)


def tag(text: str) -> Read:
    """Read a destination tag."""
    if not text:
        return Read("", (str(NO_TAG),))
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) <= MOST_TAG):
        raise NotAnAddressError(BAD_TAG)
    return Read(str(int(text)))


def _unpacked(payload: bytes) -> object:
    """Say what an X-address carries: account, whether there is a tag, and which."""
    prefix, account, flag, number = payload[:2], payload[2:22], payload[22], payload[23:]
    if prefix == X_TEST:
        return TESTNET
    if prefix != X_MAIN or flag > 1 or any(number[4:]):
        return ""
    classic = base58.b58encode_check(ACCOUNT + account, alphabet=base58.RIPPLE_ALPHABET).decode()
    if flag == 0:
        return _("This is an X-address. Write %(classic)s, without a tag.") % {"classic": classic}
    said = {"classic": classic, "tag": int.from_bytes(number[:4], "little")}
    return _("This is an X-address, which carries its tag. Write %(classic)s, with the tag %(tag)s.") % said
