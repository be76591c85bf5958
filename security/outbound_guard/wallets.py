"""Addresses of wallets in a text, of every network that we know, also in groups."""

import re
from contextlib import suppress

from security.addresses import NETWORKS
from security.addresses.found import NotAnAddressError

_TOKEN = re.compile(r"[0-9A-Za-z:]{25,120}")
# Addresses of TON are written with a hyphen and an underscore, or with plus and slash.
_TON = re.compile(r"(?<![\w+/-])[\w+/-]{48}(?![\w+/-])", re.ASCII)
_IN_GROUPS = re.compile(r"\b0x(?:[ -]?[0-9a-fA-F]{4}){10}\b")


def stand_in(text: str) -> bool:
    """Whether folded `text` holds an address."""
    grouped = [re.sub(r"[ -]", "", found) for found in _IN_GROUPS.findall(text)]
    return any(_is_wallet(token) for token in dict.fromkeys([*_TOKEN.findall(text), *_TON.findall(text), *grouped]))


def _is_wallet(token: str) -> bool:
    # Some networks write their name and a colon before it; so do people.
    tries = {token, token.rpartition(":")[2]}
    for read in dict.fromkeys(network.read for network in NETWORKS.values()):
        for one in tries:
            with suppress(NotAnAddressError):
                read(one)
                return True
    return False
