"""Addresses, sites, numbers and names as people write them, brought into the one form in which they are compared."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna
import phonenumbers

from security.models.official import ChannelKind

MAX = 320
_NUMBER = re.compile(r"(?:tel:)?\+?[\d\s()./-]{6,24}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,15}://", re.IGNORECASE)
# Hosts whose paths are names.
HOSTS = {
    "t.me": ChannelKind.TELEGRAM, "telegram.me": ChannelKind.TELEGRAM, "x.com": ChannelKind.X,
    "twitter.com": ChannelKind.X, "discord.gg": ChannelKind.DISCORD, "discord.com": ChannelKind.DISCORD,
    "facebook.com": ChannelKind.FACEBOOK, "fb.com": ChannelKind.FACEBOOK, "instagram.com": ChannelKind.INSTAGRAM,
    "wa.me": ChannelKind.PHONE,
}  # fmt: skip
HANDLES = frozenset(ChannelKind.values) - {"email", "domain", "link", "phone"}


@dataclass(frozen=True, slots=True)
class Point:
    """One contact point: `canonical` is compared, `shown` is how it looks, `host` the site behind it."""

    kind: str
    canonical: str
    shown: str
    host: str = ""


def read(text: str, *, kind: str = "", regions: Iterable[str] = ()) -> Point | None:
    """Return what `text` names; None when that is nothing. `kind` says what it is, where the person knows.

    `regions` are tried for a number without its country's code.
    """
    plain = unicodedata.normalize("NFKC", text[:MAX]).strip().strip("<>\"'()[],;")
    if not plain:
        return None
    if kind == ChannelKind.PHONE or (not kind and _NUMBER.fullmatch(plain)):
        return _number(plain, regions)
    if kind in HANDLES:
        return _site_name(plain, kind) or _name(plain, kind)
    if _SCHEME.match(plain):
        return _link(plain)
    if plain.lower().startswith("mailto:"):
        plain = plain[7:].partition("?")[0]
    local, at, domain = plain.rpartition("@")
    if at and local:
        return _address(local, domain)
    if at or not _is_host(plain.partition("/")[0]):
        return _name(plain, kind or ChannelKind.OTHER)
    return _link(f"https://{plain}")


def ascii_host(host: str) -> str:
    """Return a host as name servers know it: IDNA 2008 after the mapping of UTS #46; small letters where it is none."""
    bare = host.strip().strip(".").lower()
    try:
        return idna.encode(bare, uts46=True, transitional=False).decode()
    except (idna.IDNAError, UnicodeError):
        return bare


def seen_host(host: str) -> str:
    """Return a host as browsers may show it."""
    try:
        return idna.decode(host)
    except (idna.IDNAError, UnicodeError):
        return host


def _is_host(text: str) -> bool:
    name, dot, last = text.rstrip(".").rpartition(".")
    return bool(dot and name and last) and not any(mark in text for mark in " \t@") and not last.isdigit()


def _address(local: str, domain: str) -> Point:
    host = ascii_host(domain)
    # Replies come to signed plus-addresses of ours.
    base = local.lower().partition("+")[0]
    return Point(ChannelKind.EMAIL, f"{base}@{host}", f"{local}@{seen_host(host)}", host)


def _link(text: str) -> Point | None:
    try:
        parts = urlsplit(text)
        host = ascii_host(parts.hostname or "")
    except ValueError:
        return Point(ChannelKind.OTHER, text.lower(), text)
    if not host:
        return None
    bare = host.removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    path = parts.path.strip("/")
    if bare in HOSTS and path:
        first = path.split("/")[-1] if bare == "discord.com" else path.split("/")[0]
        return _number(f"+{first}", ()) if HOSTS[bare] == ChannelKind.PHONE else _name(first, HOSTS[bare])
    shown = f"{parts.username}@{seen_host(host)}" if parts.username else seen_host(host)
    if not path:
        return Point(ChannelKind.DOMAIN, host.removeprefix("www."), shown, host)
    return Point(ChannelKind.LINK, f"{host.removeprefix('www.')}/{path}", f"{shown}/{path}", host)


def _site_name(text: str, kind: str) -> Point | None:
    """Return the name in a link to its own site, such as t.me/name."""
    found = _link(text if _SCHEME.match(text) else f"https://{text}") if "/" in text else None
    return found if found and found.kind == kind else None


def _name(text: str, kind: str) -> Point:
    bare = text.strip().lstrip("@").strip()
    return Point(kind, bare.casefold(), bare)


def _number(text: str, regions: Iterable[str]) -> Point | None:
    digits = re.sub(r"^(?:tel:)?\s*00", "+", text.strip().removeprefix("tel:"))
    for region in (None, *regions):
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        return Point(ChannelKind.PHONE, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), text)
    only = re.sub(r"\D", "", digits)
    return Point(ChannelKind.PHONE, only, text) if only else None
