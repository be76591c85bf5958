"""Passwords and key material of one copy, generated once and kept in VAR_DIR/secrets/keys.json (mode 0600)."""

import base64
import hashlib
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
        "PHAROS_VERIFIER_KEYS",
        "PHAROS_GATEWAY_KEY",
        "PHAROS_VERIFIER_KEY",
        "PHAROS_PUSH_KEY",
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
        "PHAROS_VERIFIER_KEYS": _key(secrets.token_bytes(32)),
        "PHAROS_GATEWAY_KEY": signing_key(),
        "PHAROS_VERIFIER_KEY": signing_key(),
        "PHAROS_PUSH_KEY": push_key(),
        "admin_password": secrets.token_hex(24),
        "migrator_password": secrets.token_hex(24),
        "app_password": secrets.token_hex(24),
        "verifier_password": secrets.token_hex(24),
        "auditor_password": secrets.token_hex(24),
        "redis_password": secrets.token_hex(24),
    }


def signing_key() -> str:
    """Return a fresh Ed25519 private key: PKCS8 in PEM, base64 on one line, as files of variables want it."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 -- only who makes keys pays
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 -- likewise

    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return base64.b64encode(pem).decode()


def push_key() -> str:
    """Return a fresh P-256 private key, by which push services know us (RFC 8292), in the same form."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 -- as above
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 -- as above

    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return base64.b64encode(pem).decode()


def write_public_keys(path: Path, *, gateway: str, verifier: str) -> None:
    """Write the public halves of the two signing keys as a JWK set, for the exchange (docs/exchange-gateway.md)."""
    found = [_public_key(text, prefix) for text, prefix in ((gateway, "gateway"), (verifier, "verifier"))]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps({"keys": found}, indent=1), encoding="utf-8")
    unfinished.replace(path)


def _public_key(private: str, prefix: str) -> dict[str, str]:
    """Return the JWK (RFC 8037) of a private key in PEM or in base64 of that; its name follows from the key."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 -- as above

    pem = private.encode() if private.startswith("-----") else base64.b64decode(private)
    public = serialization.load_pem_private_key(pem, password=None).public_key()
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
        "kid": f"{prefix}-{hashlib.sha256(raw).hexdigest()[:16]}",
        "alg": "EdDSA",
        "use": "sig",
    }


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
