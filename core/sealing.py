"""Raw envelopes are sealed to a key that only the ingest worker holds (NaCl sealed boxes)."""

import base64

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox


def new_key_pair() -> tuple[str, str]:
    """Return a fresh (public, private) pair in base64url."""
    private = PrivateKey.generate()
    return _encode(bytes(private.public_key)), _encode(bytes(private))


def seal(content: bytes) -> bytes:
    """Encrypt so that this process cannot open it again."""
    return SealedBox(PublicKey(_decode(settings.SEAL_PUBLIC_KEY))).encrypt(content)


def unseal(content: bytes) -> bytes:
    """Open sealed bytes; raises ImproperlyConfigured in a process without the private key or with a wrong one."""
    if not settings.SEAL_PRIVATE_KEY:
        message = "This process holds no PHAROS_SEAL_PRIVATE_KEY and cannot open raw envelopes."
        raise ImproperlyConfigured(message)
    try:
        return SealedBox(PrivateKey(_decode(settings.SEAL_PRIVATE_KEY))).decrypt(content)
    except CryptoError as error:
        message = "PHAROS_SEAL_PRIVATE_KEY does not open this envelope: the key pair was changed."
        raise ImproperlyConfigured(message) from error


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
