"""Signed per-ticket reply addresses, our own Message-IDs and bounce addresses: who cannot sign cannot thread.

A tag is 80 bits of HMAC-SHA-256 in base32 over a purpose and public ids, so a tag of one kind is worth nothing as
another. Everything is lower-case letters and digits and survives relays that fold case. Keys rotate: the first signs,
all verify. A valid token only says "we made this"; whether the sender may use it is decided elsewhere.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

TAG_BITS: Final = 80
_TAG_CHARS: Final = TAG_BITS // 5
_MIN_KEY_BYTES: Final = 16
_MAX_LOCAL_CHARS: Final = 64
_PUBLIC_ID: Final = r"[a-z0-9]{8,32}"
_TAG: Final = rf"[a-z2-7]{{{_TAG_CHARS}}}"
_ID: Final = re.compile(_PUBLIC_ID)
_PLAIN_LOCAL: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_TOKEN_ADDRESS: Final = re.compile(rf"[^@\s+]{{1,64}}\+(?P<id>{_PUBLIC_ID})\.(?P<tag>{_TAG})@[^@\s]{{1,253}}")
_MESSAGE_ID: Final = re.compile(
    rf"<?(?P<ticket>{_PUBLIC_ID})\.(?P<message>{_PUBLIC_ID})\.(?P<tag>{_TAG})@[^@\s<>]{{1,253}}>?"
)


def reply_address(mailbox_address: str, ticket_public_id: str, key: bytes) -> str:
    """``local+<ticket>.<tag>@domain``: the Reply-To of every message of a ticket.

    Raises ValueError when the mailbox address cannot carry a token (not plain, or the local part would exceed the
    64 characters of RFC 5321).
    """
    return _token_address(mailbox_address, "reply", ticket_public_id, key)


def ticket_from_address(address: str, keys: Sequence[bytes]) -> str | None:
    """The ticket that a reply address of ours names, or None for any other address and for a wrong tag."""
    return _id_from_address(address, "reply", keys)


def bounce_address(mailbox_address: str, message_public_id: str, key: bytes) -> str:
    """``local+<message>.<tag>@domain``: the envelope sender (Return-Path) by which a bounce names its message.

    Raises ValueError as reply_address does.
    """
    return _token_address(mailbox_address, "bounce", message_public_id, key)


def message_from_bounce_address(address: str, keys: Sequence[bytes]) -> str | None:
    """The message that a bounce address of ours names, or None."""
    return _id_from_address(address, "bounce", keys)


def message_id(domain: str, message_public_id: str, ticket_public_id: str, keys: Sequence[bytes]) -> str:
    """``<ticket.message.tag@domain>``, the same for the same message as long as the first key stays.

    Store it with the message: after a rotation a retry must send the identifier it had. Raises ValueError.
    """
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"not a domain: {domain!r}")
    tag = _tag(_signing_key(keys), "message-id", ticket_public_id, message_public_id)
    return f"<{ticket_public_id}.{message_public_id}.{tag}@{domain.lower()}>"


def read_message_id(value: str, keys: Sequence[bytes]) -> tuple[str, str] | None:
    """The (ticket, message) public ids of one of our own Message-IDs, or None; the domain may since have changed."""
    match = _MESSAGE_ID.fullmatch(value.strip().lower()) if len(value) <= 400 else None
    if match is None:
        return None
    ticket, message = match["ticket"], match["message"]
    return (ticket, message) if _is_signed(keys, match["tag"], "message-id", ticket, message) else None


def _token_address(mailbox_address: str, purpose: str, public_id: str, key: bytes) -> str:
    local, at, domain = mailbox_address.strip().rpartition("@")
    if not at or not _PLAIN_LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise ValueError(f"not a plain mailbox address: {mailbox_address!r}")
    token_local = f"{local.lower()}+{public_id}.{_tag(key, purpose, public_id)}"
    if len(token_local) > _MAX_LOCAL_CHARS:
        raise ValueError(f"the local part of {mailbox_address!r} is too long to carry a token")
    return f"{token_local}@{domain.lower()}"


def _id_from_address(address: str, purpose: str, keys: Sequence[bytes]) -> str | None:
    match = _TOKEN_ADDRESS.fullmatch(address.strip().lower()) if len(address) <= 400 else None
    if match is None:
        return None
    return match["id"] if _is_signed(keys, match["tag"], purpose, match["id"]) else None


def _is_signed(keys: Sequence[bytes], tag: str, purpose: str, *ids: str) -> bool:
    """Compare with every key in constant time, without stopping at the first that fits."""
    fits = [hmac.compare_digest(_tag(key, purpose, *ids).encode(), tag.encode("utf-8")) for key in keys]
    return any(fits)


def _signing_key(keys: Sequence[bytes]) -> bytes:
    if not keys:
        raise ValueError("no signing key")
    return keys[0]


def _tag(key: bytes, purpose: str, *ids: str) -> str:
    if len(key) < _MIN_KEY_BYTES:
        raise ValueError(f"a signing key needs at least {_MIN_KEY_BYTES} bytes")
    if not all(_ID.fullmatch(public_id) for public_id in ids):
        raise ValueError("a public id is 8 to 32 lower-case letters and digits")
    # The purpose has no dot and ids have none either, so the text signed has one reading only.
    text = ".".join(("pharos-mail-v1", purpose, *ids))
    digest = hmac.new(key, text.encode("ascii"), hashlib.sha256).digest()
    return base64.b32encode(digest[: TAG_BITS // 8]).decode("ascii").lower()
