"""Raw envelopes are sealed to a key that only the ingest worker holds (NaCl sealed boxes)."""

import base64
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

Key = TypeVar("Key", PublicKey, PrivateKey)


def new_key_pair() -> tuple[str, str]:
    """Return a fresh (public, private) pair in base64url."""
    private = PrivateKey.generate()
    return _encode(bytes(private.public_key)), _encode(bytes(private))


def seal(content: bytes) -> bytes:
    """Encrypt so that this process cannot open it again."""
    return SealedBox(PublicKey(_decode(settings.SEAL_PUBLIC_KEY))).encrypt(content)


def unseal(content: bytes) -> bytes:
    """Open sealed bytes; raises ImproperlyConfigured in a process without the private key or with a wrong one.

    Several private keys may be given, comma-separated: the present one first, former ones behind it.
    """
    keys = _private_keys()
    if not keys:
        message = "This process holds no PHAROS_SEAL_PRIVATE_KEY and cannot open raw envelopes."
        raise ImproperlyConfigured(message)
    for key in keys:
        try:
            return SealedBox(key).decrypt(content)
        except CryptoError:
            continue
    message = "PHAROS_SEAL_PRIVATE_KEY does not open this envelope: put the former key back behind the present one."
    raise ImproperlyConfigured(message)


def check(*, opens: bool) -> None:
    """Raise ImproperlyConfigured unless the public key is one and, with `opens`, the first private one fits it."""
    public = _parsed("PHAROS_SEAL_PUBLIC_KEY", settings.SEAL_PUBLIC_KEY, PublicKey)
    if not opens:
        return
    private = _private_keys()
    if not private:
        message = (
            "PHAROS_SEAL_PRIVATE_KEY is not set: this process cannot open stored mail without it. "
            "It stands in secrets/seal.env, or `manage.py make_secrets` prints a fresh pair."
        )
        raise ImproperlyConfigured(message)
    if bytes(private[0].public_key) != bytes(public):
        message = (
            "PHAROS_SEAL_PRIVATE_KEY does not belong to PHAROS_SEAL_PUBLIC_KEY: set both halves of one pair, "
            "with former private keys, comma-separated, behind the present one."
        )
        raise ImproperlyConfigured(message)


def _private_keys() -> list[PrivateKey]:
    words = [word.strip() for word in settings.SEAL_PRIVATE_KEY.split(",") if word.strip()]
    return [_parsed("PHAROS_SEAL_PRIVATE_KEY", word, PrivateKey) for word in words]


def _parsed(name: str, text: str, kind: type[Key]) -> Key:
    try:
        return kind(_decode(text))
    except (ValueError, CryptoError) as error:
        message = f"{name} must be 32 bytes in base64url: `manage.py make_secrets` prints a fresh pair."
        raise ImproperlyConfigured(message) from error


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
