"""Raw envelopes are sealed to a key that only the ingest worker holds (NaCl sealed boxes)."""

import base64
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from nacl import bindings
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

Key = TypeVar("Key", PublicKey, PrivateKey)

# A large content is sealed in pieces, so that nobody ever holds it twice: this mark, a sealed box with a key of its
# own, then frames of XChaCha20-Poly1305 (libsodium's secretstream), which can be neither reordered nor cut off.
MARK: Final = b"pharos-pieces-1\x00"
PIECE_BYTES: Final = 1024 * 1024
_KEY_BYTES: Final = bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES
_START_BYTES: Final = _KEY_BYTES + bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_HEAD_BYTES: Final = len(MARK) + _START_BYTES + bindings.crypto_box_SEALBYTES
_FRAME_BYTES: Final = PIECE_BYTES + bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_MORE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_LAST: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


def new_key_pair() -> tuple[str, str]:
    """Return a fresh (public, private) pair in base64url."""
    private = PrivateKey.generate()
    return _encode(bytes(private.public_key)), _encode(bytes(private))


def seal(content: bytes) -> bytes:
    """Encrypt so that this process cannot open it again."""
    return SealedBox(PublicKey(_decode(settings.SEAL_PUBLIC_KEY))).encrypt(content)


def seal_pieces(content: bytes | bytearray) -> Iterator[bytes]:
    """Do the same for a large content, piece by piece; `sealed_size` is the sum of their lengths."""
    key = bindings.crypto_secretstream_xchacha20poly1305_keygen()
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    start = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    yield MARK + seal(key + start)
    whole = memoryview(content)
    for position in range(0, len(whole), PIECE_BYTES):
        tag = _LAST if position + PIECE_BYTES >= len(whole) else _MORE
        piece = bytes(whole[position : position + PIECE_BYTES])
        yield bindings.crypto_secretstream_xchacha20poly1305_push(state, piece, tag=tag)


def sealed_size(size: int) -> int:
    """Return how many bytes `seal_pieces` makes of `size`."""
    return _HEAD_BYTES + size + -(-size // PIECE_BYTES) * (_FRAME_BYTES - PIECE_BYTES)


def unseal_pieces(sealed: Iterable[bytes]) -> Iterator[bytes]:
    """Open what was sealed in one of the two ways, however it is cut. Raises as `unseal` does, before or in between."""
    waiting = bytearray()
    source = iter(sealed)
    _fill(waiting, source, _HEAD_BYTES)
    if not waiting.startswith(MARK):
        waiting += b"".join(source)
        yield unseal(bytes(waiting))
        return
    start = unseal(bytes(waiting[len(MARK) : _HEAD_BYTES]))
    del waiting[:_HEAD_BYTES]
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, start[_KEY_BYTES:], start[:_KEY_BYTES])
    tag = _MORE
    while tag != _LAST:
        _fill(waiting, source, _FRAME_BYTES)
        try:
            piece, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, bytes(waiting[:_FRAME_BYTES]))
        except (CryptoError, RuntimeError, ValueError) as error:
            message = "A sealed envelope is damaged: one of its pieces does not open."
            raise ImproperlyConfigured(message) from error
        del waiting[:_FRAME_BYTES]
        yield piece


def _fill(waiting: bytearray, source: Iterator[bytes], size: int) -> None:
    while len(waiting) < size and (piece := next(source, None)) is not None:
        waiting += piece


def unseal(content: bytes) -> bytes:
    """Open sealed bytes; raises ImproperlyConfigured in a process without the private key or with a wrong one.

    Several private keys may be given, comma-separated: the present one first, former ones behind it.
    """
    if content.startswith(MARK):
        return b"".join(unseal_pieces([content]))
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
