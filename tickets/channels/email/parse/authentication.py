"""Is the sender who the From header says? Only by what our own mail exchanger wrote on top (RFC 8601, RFC 7489)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import authres
import authres.dmarc

from tickets.channels.email.parse import addresses
from tickets.channels.email.parse.records import HeaderField

_MAX_CHARS: Final = 8_000
_MAX_COMMENT_DEPTH: Final = 20
_FEATURES: Final = authres.FeatureContext(authres.dmarc)
_BY_HOST: Final = re.compile(r"(?:^|\s)by\s{1,5}([A-Za-z0-9._-]{1,253})(?=[\s;(]|$)", re.IGNORECASE)
_COMMENT: Final = re.compile(r"\([^()]*\)")
# Names under which strangers can register: a signature by one neighbour says nothing about another one.
_SHARED_SUFFIXES: Final = frozenset(
    {
        "co.uk", "org.uk", "ac.uk", "gov.uk", "com.cn", "net.cn", "org.cn", "gov.cn", "edu.cn", "com.hk", "com.tw",
        "com.sg", "com.au", "net.au", "co.jp", "ne.jp", "or.jp", "co.kr", "co.in", "com.br", "com.mx", "com.tr",
        "com.ua", "co.za", "com.ar", "com.my", "com.vn", "co.id", "co.th", "co.nz", "com.ph", "com.pk", "com.ng",
        "eu.org", "uk.com", "us.com", "github.io", "herokuapp.com", "web.app", "vercel.app", "netlify.app", "pages.dev",
        "workers.dev", "blogspot.com", "onmicrosoft.com", "amazonaws.com", "azurewebsites.net", "cloudfront.net",
        "duckdns.org", "dyndns.org", "no-ip.org",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SenderProof:
    """Whether the domain of From is proven, by which method and for which domain; ``detail`` explains it to staff."""

    is_proven: bool
    method: Literal["dkim", "spf", "dmarc"] | None
    domain: str | None
    detail: str


def sender_proof(headers: Sequence[HeaderField], *, trusted_authserv_id: str | None, from_domain: str) -> SenderProof:
    """Read the topmost Authentication-Results that carries exactly our exchanger's id; believe nothing else.

    Lower ones with the same id, other ids and ARC are the sender's own words. A header that stands below a Received
    line of a foreign host was there before the mail reached us, so it is not ours either. Proven means dmarc=pass for
    the From domain, or an aligned DKIM or SPF pass (relaxed: equal, or one below the other) and no
    dmarc=fail.
    """
    trusted = (trusted_authserv_id or "").strip().lower()
    domain = _domain(from_domain)
    if not trusted:
        return _unproven("no mail exchanger is trusted for this mailbox")
    if domain is None or "." not in domain:
        return _unproven("the From address has no usable domain")
    value = _topmost(headers, trusted)
    if value is None:
        return _unproven("our mail exchanger left no authentication result")
    results = _results(value, trusted)
    if results is None:
        return _unproven("the authentication result of our mail exchanger cannot be read")
    return _decide(results, domain)


def is_aligned(domain: str, from_domain: str) -> bool:
    """Relaxed alignment without a public-suffix list: equal, or one below the other, never across a shared suffix."""
    if domain == from_domain:
        return True
    shorter, longer = sorted((domain, from_domain), key=len)
    return longer.endswith(f".{shorter}") and "." in shorter and shorter not in _SHARED_SUFFIXES


def _topmost(headers: Sequence[HeaderField], trusted: str) -> str | None:
    for field in headers:
        if field.name == "received" and not _is_our_hop(field.value, trusted):
            return None
        if field.name == "authentication-results" and _authserv_id(field.value) == trusted:
            return field.value
    return None


def _is_our_hop(received: str, trusted: str) -> bool:
    """Whether a Received line may be from our side: by our host or a sibling, or by no named host at all."""
    host = _BY_HOST.search(_without_comments(received[:_MAX_CHARS]))
    if host is None:
        return True
    name = host[1].lower().rstrip(".")
    if "." not in name or re.fullmatch(r"[\d.]+", name):
        return True
    parent = trusted.partition(".")[2]
    is_sibling = "." in parent and parent not in _SHARED_SUFFIXES and name.endswith(f".{parent}")
    return is_sibling or is_aligned(name, trusted)


def _without_comments(value: str) -> str:
    for _ in range(_MAX_COMMENT_DEPTH):
        shorter = _COMMENT.sub(" ", value)
        if shorter == value:
            break
        value = shorter
    return value


def _authserv_id(value: str) -> str | None:
    """The id by which a header calls itself: the first token before any ``;``, comments aside."""
    head = _without_comments(value[:_MAX_CHARS].partition(";")[0] if "(" not in value else value[:_MAX_CHARS])
    tokens = head.partition(";")[0].split()
    return tokens[0].strip('"').lower() if tokens else None


def _results(value: str, trusted: str) -> list[authres.core.AuthenticationResult] | None:
    if len(value) > _MAX_CHARS or not value.isascii():
        return None
    try:
        parsed = _FEATURES.parse_value(value)
    except Exception:  # noqa: BLE001 - the library leaks many kinds of error; unreadable is never proven
        return None
    return list(parsed.results) if parsed.authserv_id == trusted else None


def _decide(results: list[authres.core.AuthenticationResult], from_domain: str) -> SenderProof:
    passed: list[SenderProof] = []
    for result in results:
        method, outcome = str(getattr(result, "method", "")), str(getattr(result, "result", ""))
        if method == "dmarc" and outcome == "fail":
            return _unproven(f"DMARC failed for {from_domain}")
        if outcome != "pass":
            continue
        if method == "dmarc" and _domain(getattr(result, "header_from", None)) == from_domain:
            passed.append(SenderProof(True, "dmarc", from_domain, f"DMARC passed for {from_domain}"))
        elif method == "dkim":
            signer = _domain(getattr(result, "header_d", None)) or _domain(getattr(result, "header_i", None))
            if signer and is_aligned(signer, from_domain):
                passed.append(SenderProof(True, "dkim", signer, f"DKIM signature of {signer}"))
        elif method == "spf":
            envelope = _domain(getattr(result, "smtp_mailfrom", None))
            if envelope and is_aligned(envelope, from_domain):
                passed.append(SenderProof(True, "spf", envelope, f"SPF passed for {envelope}"))
    order = ("dkim", "dmarc", "spf")
    passed.sort(key=lambda proof: order.index(proof.method or "spf"))
    return passed[0] if passed else _unproven(f"nothing that passed belongs to {from_domain}")


def _domain(value: object) -> str | None:
    """The normal form of a bare domain or of the domain of an address, or None."""
    text = str(value or "").strip().rpartition("@")[2]
    address = addresses.normalised(f"x@{text}") if text else None
    return address.rpartition("@")[2] if address else None


def _unproven(detail: str) -> SenderProof:
    return SenderProof(is_proven=False, method=None, domain=None, detail=detail)
