"""Transaction hashes: how those of each network are written. That one is whole does not say that it happened."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from base58_bech32 import base58
from base58_bech32.exceptions import Base58Bech32Exception
from django.utils.translation import gettext as _

from security.addresses import NETWORKS, networks_of
from security.redaction import redact

HEX = re.compile(r"[0-9a-fA-F]{64}")
HEX_0X = re.compile(r"0x[0-9a-fA-F]{64}")
BASE64 = re.compile(r"[A-Za-z0-9_-]{43}=?|[A-Za-z0-9+/]{43}=?")
SIGNATURE_BYTES, HASH_BYTES = 64, 32
SHORTEST_SIGNATURE, LONGEST_SIGNATURE = 64, 88
NOTHING = "0" * 64


@dataclass(frozen=True, slots=True)
class Hash:
    """A transaction hash that is whole, as its network writes it."""

    network: str
    text: str


def check(network: str, text: str) -> Hash | str:
    """Return the hash as the network writes it, or one sentence that says what is wrong; never the text itself."""
    text = text.strip()
    read = _READ.get(network)
    if read is None:
        return _("This network is not known here. Choose one from the list.")
    found = _whole(read, text)
    if found:
        return Hash(network, found)
    return _complaint(network, text, read)


def _complaint(network: str, text: str, read: Callable[[str], str]) -> str:
    name = NETWORKS[network].name
    if redact(text).findings:
        return _(
            "This is a key or a recovery phrase and not a transaction hash. It is not kept here. Whoever sees it can"
            " take everything: the money has to be moved to a new wallet now."
        )
    if "://" in text or text.lower().startswith("www."):
        return _("This is the address of a page. Copy the transaction hash alone.")
    if networks_of(text):
        return _("This is the address of a wallet and not a transaction hash.")
    if read is _evm and HEX.fullmatch(text):
        return _("On %(network)s a transaction hash begins with 0x. Copy it whole.") % {"network": name}
    others = [NETWORKS[slug].name for slug, other in _READ.items() if other is not read and _whole(other, text)]
    if others:
        said = {"network": name, "others": ", ".join(others)}
        return _("%(network)s does not write its transaction hashes like this; these do: %(others)s.") % said
    return _("This is no transaction hash of %(network)s: a character is wrong or missing. Copy it whole.") % {
        "network": name
    }


def _whole(read: Callable[[str], str], text: str) -> str:
    """Return the hash as it is written canonically, or nothing; one of noughts alone is none."""
    found = read(text)
    return "" if found.removeprefix("0x") == NOTHING else found


def _lower(text: str) -> str:
    return text.lower() if HEX.fullmatch(text) else ""


def _upper(text: str) -> str:
    return text.upper() if HEX.fullmatch(text) else ""


def _evm(text: str) -> str:
    return text.lower() if HEX_0X.fullmatch(text) else ""


def _solana(text: str) -> str:
    if not SHORTEST_SIGNATURE <= len(text) <= LONGEST_SIGNATURE:
        return ""
    try:
        signature = base58.b58decode(text, max_length=LONGEST_SIGNATURE)
    except Base58Bech32Exception:
        return ""
    return text if len(signature) == SIGNATURE_BYTES and any(signature) else ""


def _ton(text: str) -> str:
    """Hexadecimal or base64; the canonical form is hexadecimal."""
    if HEX.fullmatch(text):
        return text.lower()
    if not BASE64.fullmatch(text):
        return ""
    safe = text.rstrip("=").replace("+", "-").replace("/", "_")
    raw = base64.urlsafe_b64decode(safe + "=")
    is_whole = base64.urlsafe_b64encode(raw).decode().rstrip("=") == safe
    return raw.hex() if is_whole and len(raw) == HASH_BYTES else ""


_READ: Mapping[str, Callable[[str], str]] = {
    "bitcoin": _lower,
    "ethereum": _evm,
    "tron": _lower,
    "solana": _solana,
    "litecoin": _lower,
    "dogecoin": _lower,
    "bitcoin-cash": _lower,
    "ripple": _upper,
    "stellar": _lower,
    "ton": _ton,
    "arbitrum": _evm,
    "avalanche": _evm,
    "base": _evm,
    "bsc": _evm,
    "optimism": _evm,
    "polygon": _evm,
}
