"""The exchange's own signing keys: several are published, the newest signs (hand-offs, events)."""

import json
import secrets
import sqlite3
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import OKPAlgorithm

from sandbox import storage

ALGORITHM = "EdDSA"


def ensure(connection: sqlite3.Connection) -> None:
    """Make the first key."""
    if connection.execute("SELECT 1 FROM signing_key WHERE retired_at IS NULL").fetchone() is None:
        rotate(connection)


def rotate(connection: sqlite3.Connection) -> str:
    """Make a key that signs from now on; the former ones stay published until they are retired. Returns its kid."""
    kid = f"exchange-{secrets.token_hex(8)}"
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    connection.execute(
        "INSERT INTO signing_key (kid, private_pem, created_at) VALUES (?, ?, ?)",
        (kid, pem, storage.stamp(storage.now())),
    )
    return kid


def retire(connection: sqlite3.Connection) -> list[str]:
    """Stop publishing every key but the newest, and forget the private halves; returns their kids."""
    rows = _published(connection)[1:]
    for row in rows:
        connection.execute(
            "UPDATE signing_key SET retired_at = ?, private_pem = '' WHERE kid = ?",
            (storage.stamp(storage.now()), row["kid"]),
        )
    return [str(row["kid"]) for row in rows]


def jwks(connection: sqlite3.Connection) -> dict[str, list[dict[str, str]]]:
    """Return the public keys as a JWK set (RFC 7517, RFC 8037)."""
    return {"keys": [_public(row["kid"], _private(row)) for row in _published(connection)]}


def sign(connection: sqlite3.Connection, claims: dict[str, Any], *, typ: str) -> str:
    """Return the claims as a JWS signed by the newest key."""
    row = _published(connection)[0]
    return jwt.encode(claims, _private(row), algorithm=ALGORITHM, headers={"typ": typ, "kid": row["kid"]})


def _published(connection: sqlite3.Connection) -> list[Any]:
    return connection.execute(
        "SELECT kid, private_pem FROM signing_key WHERE retired_at IS NULL ORDER BY created_at DESC"
    ).fetchall()


def _private(row: Any) -> Ed25519PrivateKey:  # noqa: ANN401 -- a row
    key = load_pem_private_key(row["private_pem"].encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        message = "A signing key is not Ed25519."
        raise TypeError(message)
    return key


def _public(kid: str, key: Ed25519PrivateKey) -> dict[str, str]:
    members: dict[str, str] = json.loads(OKPAlgorithm.to_jwk(key.public_key()))
    return {**members, "kid": kid, "alg": ALGORITHM, "use": "sig"}
