"""What the verifier is told: its database, its keys, its socket, and whom passkeys are made for."""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class ConfigurationError(Exception):
    """A name of the environment is missing or wrong; the message says which and what it must be."""


@dataclass(frozen=True)
class Configuration:
    """`rp_id` and `origins` are those of WebAuthn; `audience` is the exchange that reads attestations."""

    database_url: str
    socket_path: str
    box: MultiFernet
    signing_key: Ed25519PrivateKey
    signing_key_id: str
    rp_id: str
    origins: tuple[str, ...]
    audience: str


def read(given: Mapping[str, str] = os.environ) -> Configuration:
    """Read the environment; raises ConfigurationError rather than serve with half of it."""
    site = _needed(given, "PHAROS_SITE_URL", "the origin of the desk and the portal")
    host = urlsplit(site).hostname
    if not host:
        message = "PHAROS_SITE_URL must be an origin, such as https://support.example.com."
        raise ConfigurationError(message)
    signing_key = _signing_key(_needed(given, "PHAROS_VERIFIER_KEY", "an Ed25519 key, PEM, PKCS8"))
    return Configuration(
        database_url=_needed(given, "DATABASE_VERIFIER_URL", "the database as pharos_verifier"),
        socket_path=_needed(given, "VERIFIER_SOCKET", "the path of the socket to listen on"),
        box=_box(_needed(given, "PHAROS_VERIFIER_KEYS", "Fernet keys, the current one first")),
        signing_key=signing_key,
        signing_key_id=f"verifier-{hashlib.sha256(signing_key.public_key().public_bytes_raw()).hexdigest()[:16]}",
        rp_id=host,
        origins=(site.rstrip("/"),),
        audience=given.get("EXCHANGE_ISSUER", ""),
    )


def _needed(given: Mapping[str, str], name: str, what: str) -> str:
    value = given.get(name, "")
    if not value:
        message = f"{name} is not set. Set it to {what}; `manage.py make_secrets` prints fresh keys."
        raise ConfigurationError(message)
    return value


def _box(keys: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
    except ValueError:
        message = (
            "PHAROS_VERIFIER_KEYS must be comma-separated Fernet keys (32 bytes, base64url): "
            "`manage.py make_secrets` prints a fresh one."
        )
        raise ConfigurationError(message) from None


def _signing_key(written: str) -> Ed25519PrivateKey:
    try:
        pem = written.encode() if written.startswith("-----") else base64.b64decode(written)
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        message = (
            "PHAROS_VERIFIER_KEY must be an Ed25519 private key in PEM (PKCS8), or base64 of it: "
            "`manage.py make_secrets` prints a fresh one."
        )
        raise ConfigurationError(message)
    return key
