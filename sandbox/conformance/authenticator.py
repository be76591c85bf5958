"""A passkey in software: ES256, attestation `none`; every part of what it says can be bent by a case."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40
AAGUID = bytes(16)


@dataclass
class Passkey:
    """One credential. `counts` says whether its sign count grows; most passkeys that sync stay at 0."""

    rp_id: str
    origin: str
    counts: bool = False
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: str = ""
    # The exchange's name for it.
    factor_id: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any], *, origin: str = "", verified: bool = True) -> dict[str, Any]:
        """Answer creation options as navigator.credentials.create() would (RegistrationResponseJSON)."""
        self.user_handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = AAGUID + len(self.credential_id).to_bytes(2, "big") + self.credential_id + encode_cbor(cose)
        data = self._data(self.rp_id, ATTESTED, verified=verified) + attested
        client = _client_data("webauthn.create", base64url_to_bytes(options["challenge"]), origin or self.origin)
        name = bytes_to_base64url(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": bytes_to_base64url(client),
                "attestationObject": bytes_to_base64url(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
                "transports": ["internal"],
            },
        }

    def sign(
        self, challenge: bytes, *, origin: str = "", rp_id: str = "", verified: bool = True, kind: str = "webauthn.get"
    ) -> dict[str, str]:
        """Answer a challenge as navigator.credentials.get() would, in the contract's names."""
        self.count += self.counts
        data = self._data(rp_id or self.rp_id, 0, verified=verified)
        client = _client_data(kind, challenge, origin or self.origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return {
            "credential_id": bytes_to_base64url(self.credential_id),
            "client_data_json": bytes_to_base64url(client),
            "authenticator_data": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "user_handle": self.user_handle,
        }

    def stranger(self) -> "Passkey":
        """Return a passkey that claims this one's id without having its key."""
        return Passkey(self.rp_id, self.origin, credential_id=self.credential_id, user_handle=self.user_handle)

    def _data(self, rp_id: str, flags: int, *, verified: bool) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if verified else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")


def _client_data(kind: str, challenge: bytes, origin: str) -> bytes:
    members = {"type": kind, "challenge": bytes_to_base64url(challenge), "origin": origin, "crossOrigin": False}
    return json.dumps(members, separators=(",", ":")).encode()
