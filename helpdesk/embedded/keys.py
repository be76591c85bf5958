"""Passwords and key material of one copy, generated once and kept in VAR_DIR/secrets/keys.json (mode 0600)."""

import base64
import json
import os
import secrets
from pathlib import Path

from helpdesk.embedded.places import Places

NAMES = frozenset(
    {
        "SECRET_KEY",
        "PHAROS_FIELD_KEYS",
        "PHAROS_MAIL_KEYS",
        "PHAROS_SEAL_PUBLIC_KEY",
        "PHAROS_SEAL_PRIVATE_KEY",
        "PHAROS_METRICS_TOKEN",
        "PHAROS_GATEWAY_KEY",
        "admin_password",
        "migrator_password",
        "app_password",
        "verifier_password",
        "auditor_password",
        "redis_password",
    }
)


def read_or_generate(places: Places) -> dict[str, str]:
    """Return the keys, generating the missing ones first; a key that exists is never replaced."""
    kept = read_private(places.keys_file)
    if not kept.keys() >= NAMES:
        kept = generate() | kept
        write_private(places.keys_file, kept)
    return kept


def generate() -> dict[str, str]:
    """Return one full set of fresh keys."""
    from nacl.public import PrivateKey  # noqa: PLC0415 -- 60 ms that only the first start pays

    seal = PrivateKey.generate()
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "PHAROS_FIELD_KEYS": _key(secrets.token_bytes(32)),
        "PHAROS_MAIL_KEYS": _key(secrets.token_bytes(32)),
        "PHAROS_SEAL_PUBLIC_KEY": _key(bytes(seal.public_key)),
        "PHAROS_SEAL_PRIVATE_KEY": _key(bytes(seal)),
        "PHAROS_METRICS_TOKEN": secrets.token_urlsafe(32),
        "PHAROS_GATEWAY_KEY": signing_key(),
        "admin_password": secrets.token_hex(24),
        "migrator_password": secrets.token_hex(24),
        "app_password": secrets.token_hex(24),
        "verifier_password": secrets.token_hex(24),
        "auditor_password": secrets.token_hex(24),
        "redis_password": secrets.token_hex(24),
    }


def signing_key() -> str:
    """Return a fresh Ed25519 private key as PEM in one line (backslash and n for line ends), for environment files."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 -- as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 -- as above

    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode().replace("\n", "\\n")


def read_private(path: Path) -> dict[str, str]:
    """Return the JSON object in `path`, empty when there is no such file."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {str(name): str(value) for name, value in kept.items()}


def write_private(path: Path, values: dict[str, str]) -> None:
    """Replace `path` in one step with mode 0600: a crash leaves the former content or the new one, never half."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _key(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
