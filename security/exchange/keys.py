"""Our own signing keys (Ed25519), and their public halves as a JWKS (RFC 7517, RFC 8037)."""

import base64
import hashlib
from functools import cache
from typing import Any

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from jwt.utils import base64url_encode

from security import verifier_client

log = structlog.get_logger(__name__)
ALGORITHM = "EdDSA"
GATEWAY = "gateway"


def gateway_key() -> Ed25519PrivateKey:
    """Return the key that signs our requests and records. Raises ImproperlyConfigured when it is none."""
    return _loaded(settings.GATEWAY_KEY)


def check() -> None:
    """Raise ImproperlyConfigured unless settings.GATEWAY_KEY is a key."""
    gateway_key()


def key_id(purpose: str, public: Ed25519PublicKey) -> str:
    """Return the name of a key: its purpose and the beginning of its hash."""
    return f"{purpose}-{hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]}"


def gateway_key_id() -> str:
    """Return the name of the gateway's key."""
    return key_id(GATEWAY, gateway_key().public_key())


def published() -> dict[str, list[dict[str, Any]]]:
    """Return the JWKS that the exchange, and whoever checks a record, reads; the verifier's key while it answers."""
    found = [jwk(GATEWAY, gateway_key().public_key())]
    try:
        found.append(verifier_client.ask("keys"))
    except verifier_client.VerifierAwayError:
        log.warning("verifier_key_not_published")
    return {"keys": found}


def jwk(purpose: str, public: Ed25519PublicKey) -> dict[str, Any]:
    """Return one public key as a JWK."""
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "use": "sig",
        "alg": ALGORITHM,
        "kid": key_id(purpose, public),
        "x": base64url_encode(public.public_bytes_raw()).decode("ascii"),
    }


@cache
def _loaded(written: str) -> Ed25519PrivateKey:
    try:
        pem = written.encode() if written.startswith("-----") else base64.b64decode(written)
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = (
            "PHAROS_GATEWAY_KEY must be an Ed25519 private key (base64 of PEM): "
            "`manage.py make_secrets` prints a fresh one."
        )
        raise ImproperlyConfigured(message) from error
    if not isinstance(key, Ed25519PrivateKey):
        message = "PHAROS_GATEWAY_KEY must be an Ed25519 key: `manage.py make_secrets` prints a fresh one."
        raise ImproperlyConfigured(message)
    return key
