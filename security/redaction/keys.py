"""Private keys: extended keys (BIP-32, SLIP-132), WIF, BIP-38, PEM blocks, and hex digits that a label calls secret."""

import re
from collections.abc import Iterator

import base58

from security.redaction.findings import Finding, Kind

_BASE58 = "1-9A-HJ-NP-Za-km-z"
_EXTENDED = re.compile(rf"(?<![A-Za-z0-9])[xyztuvYZUV]prv[{_BASE58}]{{100,112}}(?![A-Za-z0-9])")
_EXTENDED_VERSIONS = frozenset(
    bytes.fromhex(version)
    for version in (
        [
            "0488ade4",
            "049d7878",
            "04b2430c",
            "0295b005",
            "02aa7a99",
            "04358394",
            "044a4e28",
            "045f18bc",
            "024285b5",
            "02575048",
        ]
    )
)
_WIF = re.compile(rf"(?<![A-Za-z0-9])[{_BASE58}]{{51,52}}(?![A-Za-z0-9])")
_WIF_VERSIONS = frozenset({0x80, 0xEF, 0xB0, 0x9E, 0xF1, 0xCC})  # Bitcoin, its testnets, Litecoin, Dogecoin, Dash
_BIP38 = re.compile(rf"(?<![A-Za-z0-9])6P[{_BASE58}]{{56}}(?![A-Za-z0-9])")
_BIP38_PREFIXES = (b"\x01\x42", b"\x01\x43")
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----")

_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0[xX])?[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_PRIVATE = (
    r"priv(?:ate)?[\s_-]{0,2}key|secret[\s_-]{0,2}(?:key|exponent)|signing[\s_-]{0,2}key|[私密][钥鑰]|秘密[鍵键]|"
    r"приватн\w{1,4} ключ\w{0,3}|закрыт\w{1,4} ключ\w{0,3}|секретн\w{1,4} ключ\w{0,3}|clave privada|llave privada|"
    r"cl[ée] priv[ée]e|chiave privata|chave privada|özel anahtar|soukrom\w{1,3} kl[ií]č\w{0,2}|"
    r"개인\s?키|비밀\s?키|privater? schlüssel"
)
_PUBLIC = (
    r"tx[\s_-]?(?:id|hash|n)?\b|transa\w{3,10}|transfer|hash|public[\s_-]?key|pub[\s_-]?key|address|block|"
    r"digest|sha-?256|"
    r"checksum|signature|order|explorer|交易|哈希|公[钥鑰]|地址|区块|區塊|транзакц\w{1,3}|хеш|хэш|адрес|публичн|открыт|公開鍵|해시|거래"
)
_LABEL = re.compile(rf"(?P<secret>{_PRIVATE})|(?P<public>{_PUBLIC})", re.IGNORECASE)
_LABEL_AFTER = re.compile(
    rf"[\s\"'`]{{0,3}}[(（<←,-]{{0,3}}\s?(?:(?:is|was|=|是|to)\s?)?(?:(?:my|the|our|a|"
    rf"我的)\s?)?(?:\w{{2,10}}\s)?(?:{_PRIVATE})",
    re.IGNORECASE,
)
_LABEL_REACH = 40
_LIST_GAP = re.compile(r"[\s\d.,;:()\[\]\"'#*-]{0,12}")


def private_keys(text: str) -> Iterator[Finding]:
    """Find private keys; every pattern has a bounded length, so time is linear."""
    for match in _EXTENDED.finditer(text):
        payload = _base58check(match.group())
        if payload is not None and len(payload) == 78 and payload[:4] in _EXTENDED_VERSIONS:
            yield Finding(Kind.EXTENDED_PRIVATE_KEY, *match.span(), "bip32")
    for match in _WIF.finditer(text):
        if _is_wif(_base58check(match.group())):
            yield Finding(Kind.WIF, *match.span(), "base58check")
    for match in _BIP38.finditer(text):
        payload = _base58check(match.group())
        if payload is not None and payload.startswith(_BIP38_PREFIXES):
            yield Finding(Kind.WIF, *match.span(), "bip38")
    yield from _pem_blocks(text)
    yield from _hex_keys(text)


def _base58check(token: str) -> bytes | None:
    try:
        return base58.b58decode_check(token)
    except ValueError:
        return None


def _is_wif(payload: bytes | None) -> bool:
    if payload is None or payload[0] not in _WIF_VERSIONS:
        return False
    return len(payload) == 33 or (len(payload) == 34 and payload[-1] == 1)


def _pem_blocks(text: str) -> Iterator[Finding]:
    position = 0
    while begin := _PEM.search(text, position):
        end = _PEM_END.search(text, begin.end())
        # A block that was cut off is still a key: what follows it goes too, as far as a key can reach.
        position = end.end() if end else min(len(text), begin.end() + 4_096)
        yield Finding(Kind.API_SECRET, begin.start(), position, "pem")


def _hex_keys(text: str) -> Iterator[Finding]:
    """64 hex digits are most often a transaction hash: only the nearest label may make them a key."""
    previous_end = -1
    for match in _HEX.finditer(text):
        start, end = match.span()
        window_start = max(0, start - _LABEL_REACH)
        label = ""
        for found in _LABEL.finditer(text, window_start, start):
            label = str(found.lastgroup)
        is_listed = previous_end >= 0 and start - previous_end <= 12 and _LIST_GAP.fullmatch(text, previous_end, start)
        if label == "secret" or (label == "" and is_listed):
            yield Finding(Kind.HEX_PRIVATE_KEY, start, end, "label_before")
            previous_end = end
        elif label == "" and _LABEL_AFTER.match(text, end, end + _LABEL_REACH):
            yield Finding(Kind.HEX_PRIVATE_KEY, start, end, "label_after")
            previous_end = end
