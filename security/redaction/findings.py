"""What a finding is and how it is masked; the detectors live beside this module."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Kinds of secret. Values are stored with messages and in the audit log: never rename one."""

    SEED_PHRASE = "seed_phrase"
    EXTENDED_PRIVATE_KEY = "extended_private_key"
    WIF = "wif"
    HEX_PRIVATE_KEY = "hex_private_key"
    OTPAUTH = "otpauth"
    CARD_NUMBER = "card_number"
    ONE_TIME_CODE = "one_time_code"
    HAR_COOKIE = "har_cookie"
    AUTHORIZATION_HEADER = "authorization_header"
    API_SECRET = "api_secret"  # noqa: S105 (a kind, not a secret)


class Finding(NamedTuple):
    """One secret: offsets into the text that was given, and a short code that says which rule saw it."""

    kind: Kind
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """The masked text and what was masked; offsets refer to the text before masking."""

    text: str
    findings: tuple[Finding, ...]


_LABELS = {
    Kind.SEED_PHRASE: "seed phrase",
    Kind.EXTENDED_PRIVATE_KEY: "extended private key",
    Kind.WIF: "private key",
    Kind.HEX_PRIVATE_KEY: "private key",
    Kind.OTPAUTH: "authenticator secret",
    Kind.CARD_NUMBER: "card number",
    Kind.ONE_TIME_CODE: "one-time code",
    Kind.HAR_COOKIE: "cookie",
    Kind.AUTHORIZATION_HEADER: "authorization header",
    Kind.API_SECRET: "API secret",
}
# Where two rules see the same characters, the graver kind names the mask.
_GRAVITY = {kind: rank for rank, kind in enumerate(Kind)}


def mask(kind: Kind) -> str:
    """The stable token that stands where a secret of this kind stood."""
    return f"⟦removed: {_LABELS[kind]}⟧"


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Join overlapping findings, so that every character that any rule saw is masked exactly once, in text order."""
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda item: (item.start, -item.end)):
        if not merged or finding.start >= merged[-1].end:
            merged.append(finding)
            continue
        previous = merged[-1]
        graver = min(previous, finding, key=lambda item: _GRAVITY[item.kind])
        merged[-1] = Finding(graver.kind, previous.start, max(previous.end, finding.end), graver.reason)
    return merged
