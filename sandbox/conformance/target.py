"""What is checked and with which keys: the keys are Pharos', the accounts are set aside for this by the exchange."""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

BEGIN = "-----BEGIN"


@dataclass(frozen=True)
class Target:
    """One implementation under test."""

    url: str
    issuer: str
    site_url: str
    gateway_key: Ed25519PrivateKey
    verifier_key: Ed25519PrivateKey
    gateway_kid: str
    verifier_kid: str
    # Two accounts; the second one is frozen and unfrozen. Both get passkeys, which are left behind.
    account: str
    customer: str
    other_account: str
    other_customer: str
    # Where the portal runs: passkeys are made for its host.
    origin: str
    rp_id: str
    redirect_uri: str
    asset: str
    # Moved by each action that is executed: small.
    amount: str
    # `name=value` of a person signed in at the exchange's site, for the hand-off; empty: not tried.
    cookie: str


def key_from(text: str, name: str) -> Ed25519PrivateKey:
    """Read a private key: PEM, base64 of it, a file with either, or a JSON file that holds it under `name`."""
    path = Path(text) if len(text) < 1000 and BEGIN not in text else None
    if path is not None and path.is_file():
        text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        text = str(json.loads(text)[name])
    pem = text.encode() if BEGIN in text else base64.b64decode(text)
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        message = f"{name} is no Ed25519 key."
        raise TypeError(message)
    return key


def kid_of(key: Ed25519PrivateKey, prefix: str) -> str:
    """Return the name Pharos gives a key: its use and the beginning of the public half's SHA-256."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"{prefix}-{hashlib.sha256(raw).hexdigest()[:16]}"
