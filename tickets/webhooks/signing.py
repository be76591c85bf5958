"""Signatures of Standard Webhooks (v1, symmetric): HMAC-SHA-256 of `id.timestamp.body` under a key `whsec_…`."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

PREFIX = "whsec_"
# Bytes of a key, as the specification asks.
SHORTEST, LONGEST, USUAL = 24, 64, 32


def new_key() -> str:
    """Return a fresh key of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(USUAL)).decode()


def check_key(key: str) -> None:
    """Refuse what is no key. Raises ValidationError."""
    try:
        length = len(_bytes_of(key))
    except ValueError:
        length = 0
    if not SHORTEST <= length <= LONGEST:
        raise ValidationError(
            _("A signing key is whsec_ and 24 to 64 bytes in base64, as manage.py webhook_key prints.")
        )


def signature(keys: Iterable[str], *, message_id: str, at: int, body: bytes) -> str:
    """Return the header webhook-signature: one signature for each key, separated by spaces; `at` is in Unix seconds."""
    signed = f"{message_id}.{at}.".encode() + body
    found = (hmac.new(_bytes_of(key), signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in found)


def _bytes_of(key: str) -> bytes:
    """Return a key's bytes. Raises ValueError."""
    if not key.startswith(PREFIX):
        raise ValueError(PREFIX)
    try:
        return base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(PREFIX) from error
