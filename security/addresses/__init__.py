"""Addresses where money goes: whether one is whole, for its network, and how it is written canonically.

Nothing here asks a network: that an address is whole does not say whose it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from security.addresses import bitcoin, bitcoin_cash, ethereum, ripple, solana, stellar, ton, tron
from security.addresses.found import NotAnAddressError, Read
from security.redaction import redact

__all__ = ["NETWORKS", "Canonical", "Network", "check", "check_tag", "networks_of"]
_HASH = re.compile(r"(?:0x)?[0-9a-fA-F]{64}")
SECRET = gettext_lazy(
    "This is a key or a recovery phrase and not an address. It is not kept here. Whoever sees it can take everything:"
    " the money has to be moved to a new wallet now."
)


@dataclass(frozen=True, slots=True)
class Network:
    """One network: its name for people, how its addresses are read, and what stands beside an address."""

    name: str
    read: Callable[[str], Read]
    read_tag: Callable[[str, str], Read] | None = None
    tag_name: object = ""


@dataclass(frozen=True, slots=True)
class Canonical:
    """An address that is whole, as it is signed and sent; `notes` are sentences for who asks and who approves."""

    network: str
    destination: str
    tag: str
    notes: tuple[str, ...]


NETWORKS: Mapping[str, Network] = {
    "bitcoin": Network("Bitcoin", bitcoin.bitcoin),
    "ethereum": Network("Ethereum", ethereum.read),
    "tron": Network("Tron", tron.read),
    "solana": Network("Solana", solana.read),
    "litecoin": Network("Litecoin", bitcoin.litecoin),
    "dogecoin": Network("Dogecoin", bitcoin.dogecoin),
    "bitcoin-cash": Network("Bitcoin Cash", bitcoin_cash.read),
    "ripple": Network(
        "XRP Ledger", ripple.read, lambda tag, _address: ripple.tag(tag), gettext_lazy("destination tag")
    ),
    "stellar": Network("Stellar", stellar.read, stellar.memo, gettext_lazy("memo")),
    "ton": Network("TON", ton.read, lambda text, _address: ton.comment(text), gettext_lazy("comment")),
    "arbitrum": Network("Arbitrum One", ethereum.read),
    "avalanche": Network("Avalanche C-Chain", ethereum.read),
    "base": Network("Base", ethereum.read),
    "bsc": Network("BNB Smart Chain", ethereum.read),
    "optimism": Network("Optimism", ethereum.read),
    "polygon": Network("Polygon", ethereum.read),
}


def check(network: str, destination: str, tag: str = "") -> Canonical | str:
    """Return the address as it is written canonically, or one sentence that says what is wrong with it."""
    destination, tag = destination.strip(), tag.strip()
    known = NETWORKS.get(network)
    if known is None:
        return _("This network is not known here. Choose one from the list.")
    try:
        found = known.read(destination)
        beside = _tag(known, tag, found.text)
    except NotAnAddressError as refused:
        return str(refused.sentence) or _complaint(known, destination)
    return Canonical(network, found.text, beside.text, found.notes + beside.notes)


def check_tag(network: str, tag: str) -> Read | str:
    """Return a tag, memo or comment as it is written canonically, or what is wrong; its address is not known here."""
    known = NETWORKS.get(network)
    if known is None:
        return _("This network is not known here. Choose one from the list.")
    try:
        return _tag(known, tag.strip(), "")
    except NotAnAddressError as refused:
        return str(refused.sentence)


def networks_of(text: str) -> list[str]:
    """Return the networks of which `text` is an address, by their short names."""
    return [slug for slug, network in NETWORKS.items() if _is_one(network, text)]


def _tag(network: Network, tag: str, address: str) -> Read:
    if network.read_tag is not None:
        return network.read_tag(tag, address)
    if tag:
        raise NotAnAddressError(_("Addresses of this network take neither tag nor memo: leave it empty."))
    return Read("")


def _complaint(network: Network, text: str) -> str:
    """Say that it is no address of the network, and of which it is one."""
    if redact(text).findings:
        return str(SECRET)
    others = [other.name for other in NETWORKS.values() if other.read is not network.read and _is_one(other, text)]
    if others:
        said = {"network": network.name, "others": ", ".join(others)}
        if len(others) == 1:
            return _("This is an address of %(others)s; you chose %(network)s. Find out which network is meant.") % said
        return _("This is an address of one of: %(others)s; you chose %(network)s. Find out which is meant.") % said
    if _HASH.fullmatch(text):
        return _("This is a transaction hash and not an address.")
    return _("This is no address of %(network)s: a character is wrong or missing. Copy it from its source again.") % {
        "network": network.name
    }


def _is_one(network: Network, text: str) -> bool:
    try:
        network.read(text)
    except NotAnAddressError:
        return False
    return True
