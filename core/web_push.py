"""Web push: the body that one browser alone opens (RFC 8188, 8291), and who we are to its push service (RFC 8292)."""

import base64
import binascii
import os
import time
from functools import lru_cache
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# The longest body that every push service takes, with all that is added to it.
MOST_BYTES = 3993
RECORD_BYTES = 4096
AUTH_BYTES = SALT_BYTES = 16
POINT_BYTES = 65
# A day is the most that push services take.
TOKEN_LIFE_S = 12 * 60 * 60
# Behind the last record's words (RFC 8188, section 2).
LAST = b"\x02"


def decoded(text: str) -> bytes:
    """Return the bytes of base64url with or without padding. Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        message = "this is not base64url"
        raise ValueError(message) from error


def encoded(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def check() -> None:
    """Raise ImproperlyConfigured where settings.PUSH_KEY is something else than a key; none is well."""
    public_key()


def public_key() -> str:
    """Return our public key as browsers take it (base64url of the point); empty without settings.PUSH_KEY."""
    return encoded(_point(_key(settings.PUSH_KEY))) if settings.PUSH_KEY else ""


def authorization(endpoint: str, *, contact: str) -> str:
    """Return the header that tells the endpoint's push service who we are; `contact` is a mailto: or https: address."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_LIFE_S,
        "sub": contact,
    }
    token = jwt.encode(claims, _key(settings.PUSH_KEY), algorithm="ES256")
    return f"vapid t={token}, k={public_key()}"


def is_browser_key(text: str) -> bool:
    """Whether this is a browser's public key: base64url of an uncompressed point of P-256."""
    try:
        raw = decoded(text)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        return False
    return len(raw) == POINT_BYTES


def is_auth(text: str) -> bool:
    """Whether this is a browser's secret: base64url of 16 bytes."""
    try:
        return len(decoded(text)) == AUTH_BYTES
    except ValueError:
        return False


def sealed(body: bytes, *, browser_key: str, auth: str) -> bytes:
    """Return `body` for the browser with this key (base64url of its point) and secret, coded as aes128gcm.

    Raises ValueError for a key that is none, or a body of more than MOST_BYTES.
    """
    ours = ec.generate_private_key(ec.SECP256R1())
    return seal_with(body, browser_key=browser_key, auth=auth, ours=ours, salt=os.urandom(SALT_BYTES))


def seal_with(body: bytes, *, browser_key: str, auth: str, ours: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Do the same with a given key pair and salt, which serve for one message only."""
    if len(body) > MOST_BYTES:
        message = "the body is too long for web push"
        raise ValueError(message)
    theirs, secret, point = decoded(browser_key), decoded(auth), _point(ours)
    shared = ours.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    material = _derived(shared, secret, b"WebPush: info\x00" + theirs + point, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(point)]) + point
    return head + AESGCM(key).encrypt(nonce, body + LAST, None)


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(material)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


@lru_cache(maxsize=2)
def _key(text: str) -> ec.EllipticCurvePrivateKey:
    try:
        found = serialization.load_pem_private_key(base64.b64decode(text, validate=True), password=None)
    except (ValueError, TypeError) as error:
        raise ImproperlyConfigured(NO_KEY) from error
    if not isinstance(found, ec.EllipticCurvePrivateKey) or found.curve.name != "secp256r1":
        raise ImproperlyConfigured(NO_KEY)
    return found


NO_KEY = "PHAROS_PUSH_KEY must be a P-256 private key (PEM in base64): `manage.py make_secrets` prints a fresh one."
