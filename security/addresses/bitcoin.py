"""Bitcoin, Litecoin and Dogecoin: Base58Check, bech32 for witness version 0 (BIP-173), bech32m from 1 on (BIP-350)."""

from dataclasses import dataclass

from base58_bech32 import base58, bech32
from base58_bech32.exceptions import Base58Bech32Exception
from django.utils.translation import gettext_lazy as _

from security.addresses.found import TESTNET, NotAnAddressError, Read

LONGEST = 90
V0_SIZES, SHORTEST_PROGRAM, LONGEST_PROGRAM, LAST_VERSION = (20, 32), 2, 40, 16
TAPROOT = (1, 32)
UNASSIGNED = _(
    "This kind of address has no meaning yet on the network: what is sent there may be anybody's. Ask again."
)
AMBIGUOUS = _(
    "A Litecoin address that begins with 3 may be a Bitcoin address as well. Use the form beginning with M or ltc1."
)


@dataclass(frozen=True, slots=True)
class Chain:
    """What tells one chain from another: prefixes of bech32 (none: it has no such addresses), version bytes."""

    prefix: str
    versions: frozenset[int]
    test_prefixes: frozenset[str]
    test_versions: frozenset[int]
    ambiguous: frozenset[int] = frozenset()


BITCOIN = Chain("bc", frozenset({0x00, 0x05}), frozenset({"tb", "bcrt"}), frozenset({0x6F, 0xC4}))
LITECOIN = Chain(
    "ltc", frozenset({0x30, 0x32}), frozenset({"tltc", "rltc"}), frozenset({0x6F, 0xC4, 0x3A}), frozenset({0x05})
)
DOGECOIN = Chain("", frozenset({0x1E, 0x16}), frozenset(), frozenset({0x71, 0xC4}))


def bitcoin(text: str) -> Read:
    """Read a Bitcoin address."""
    return _read(BITCOIN, text)


def litecoin(text: str) -> Read:
    """Read a Litecoin address."""
    return _read(LITECOIN, text)


def dogecoin(text: str) -> Read:
    """Read a Dogecoin address."""
    return _read(DOGECOIN, text)


def _read(chain: Chain, text: str) -> Read:
    try:
        prefix, values, constant = bech32.bech32_decode(text, limit=LONGEST)
    except Base58Bech32Exception:
        return _base58(chain, text)
    return _segwit(chain, text, prefix, values, constant)


def _base58(chain: Chain, text: str) -> Read:
    try:
        payload = base58.b58decode_check(text, out_size=21)
    except Base58Bech32Exception:
        raise NotAnAddressError from None
    version = payload[0]
    if version in chain.versions:
        return Read(text)
    if version in chain.ambiguous:
        raise NotAnAddressError(AMBIGUOUS)
    raise NotAnAddressError(TESTNET if version in chain.test_versions else "")


def _segwit(chain: Chain, text: str, prefix: str, values: list[int], constant: int) -> Read:
    if not values or values[0] > LAST_VERSION:
        raise NotAnAddressError
    version = values[0]
    try:
        program = bech32.convertbits(values[1:], 5, 8, False)
    except Base58Bech32Exception:
        raise NotAnAddressError from None
    is_right = constant == (bech32.BECH32_M_CONST if version else bech32.BECH32_1_CONST)
    size_fits = len(program) in V0_SIZES if version == 0 else SHORTEST_PROGRAM <= len(program) <= LONGEST_PROGRAM
    if not is_right or not size_fits:
        raise NotAnAddressError
    if prefix != chain.prefix:
        raise NotAnAddressError(TESTNET if prefix in chain.test_prefixes else "")
    is_assigned = version == 0 or (version, len(program)) == TAPROOT
    return Read(text.lower(), () if is_assigned else (str(UNASSIGNED),))
