"""Bitcoin Cash: CashAddr alone; the old form is a Bitcoin address as well."""

from base58_bech32 import cashaddr
from base58_bech32.exceptions import Base58Bech32Exception
from django.utils.translation import gettext_lazy as _

from security.addresses import bitcoin
from security.addresses.found import TESTNET, NotAnAddressError, Read

PREFIX, TEST_PREFIXES = "bitcoincash", ("bchtest", "bchreg")
# Pay to a key's or a script's hash; the same for those that take tokens.
KINDS, SIZES = (0, 1, 2, 3), (20, 32)
OLD_FORM = _("This form is a Bitcoin address as well. Use the one that begins with bitcoincash:")


def read(text: str) -> Read:
    """Read a Bitcoin Cash address; the canonical form carries its prefix."""
    try:
        _prefix, kind, digest = cashaddr.cashaddr_decode(text, prefix=PREFIX)
    except Base58Bech32Exception:
        raise NotAnAddressError(_why(text)) from None
    if kind not in KINDS or len(digest) not in SIZES:
        raise NotAnAddressError
    return Read(text.lower() if ":" in text else f"{PREFIX}:{text.lower()}")


def _why(text: str) -> object:
    for prefix in TEST_PREFIXES:
        try:
            cashaddr.cashaddr_decode(text, prefix=prefix)
        except Base58Bech32Exception:
            continue
        return TESTNET
    try:
        bitcoin.bitcoin(text)
    except NotAnAddressError:
        return ""
    return OLD_FORM
