"""Pharos' side in small: signed requests, attestations and actions, each of which a case may bend."""

import hashlib
import json
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from sandbox import canonical, transport
from sandbox.conformance.authenticator import Passkey
from sandbox.conformance.target import Target
from sandbox.pharos import ATTESTATION_TYPE, REQUEST_TYPE, base64url
from sandbox.transport import Response

ZERO = "0.000000000000000000"


@dataclass(frozen=True)
class Forgery:
    """What is wrong with a token: other claims, another type, key or algorithm."""

    claims: dict[str, Any] | None = None
    typ: str = ""
    kid: str = ""
    key: Any = None
    algorithm: str = "EdDSA"

    def encode(self, claims: dict[str, Any], *, typ: str, kid: str, key: Any) -> str:  # noqa: ANN401 -- a key of any kind
        """Return the token, bent."""
        merged = {name: value for name, value in (claims | (self.claims or {})).items() if value is not None}
        headers = {"typ": self.typ or typ, "kid": self.kid or kid}
        if self.algorithm == "HS256":
            return _keyed_by_what_is_public(merged, headers, str(self.key))
        used: Any = "" if self.algorithm == "none" else self.key or key
        return jwt.encode(merged, used, algorithm=self.algorithm, headers=headers)


HONEST = Forgery()


@dataclass(frozen=True)
class Action:
    """An action and what is said about it. `signed_for` and `attested_for` are other actions when the case cheats."""

    fields: dict[str, str]
    account: str
    method: str = "webauthn"
    check_id: str = ""
    nonce: str = ""
    passkey: Passkey | None = None
    signing: tuple[tuple[str, Any], ...] = ()
    signed_for: "Action | None" = None
    attested_for: "Action | None" = None
    attestation: Forgery = HONEST
    age_s: float = 1.0
    digest: str = ""

    @property
    def id(self) -> str:
        """The idempotency key."""
        return self.fields["public_id"]

    def having(self, **fields: str) -> "Action":
        """Return the action with other fields."""
        return replace(self, fields=self.fields | fields)


class Gateway:
    """Sends what Pharos would send."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def send(
        self, method: str, path: str, body: dict[str, Any] | bytes | None = None, *, forged: Forgery = HONEST,
        bearer: str | None = None,
    ) -> Response:  # fmt: skip
        """Send a signed request; `bearer` replaces the header's token, and "" leaves the header out."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        )
        token = self.bearer(method, path, raw, forged) if bearer is None else bearer
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return transport.send(method, self.target.url + path, body=raw, headers=headers)

    def bearer(self, method: str, path: str, body: bytes, forged: Forgery = HONEST) -> str:
        """Return the token for a request."""
        moment = int(time.time())
        claims = {
            "iss": "pharos", "aud": self.target.issuer, "iat": moment, "exp": moment + 30,
            "jti": secrets.token_urlsafe(16), "htm": method, "htu": path,
            "bh": base64url(hashlib.sha256(body).digest()),
        }  # fmt: skip
        return forged.encode(claims, typ=REQUEST_TYPE, kid=self.target.gateway_kid, key=self.target.gateway_key)

    def action(self, *, account: str = "", customer: str = "", **fields: str) -> Action:
        """Return a new action: a small credit, unless the fields say otherwise."""
        target = self.target
        plain = {
            "public_id": f"act_{secrets.token_hex(12)}", "kind": "balance_adjustment", "operation": "credit",
            "subject": "conformance", "customer_id": customer or target.customer, "asset": target.asset, "network": "",
            "amount": target.amount, "destination": "", "tag": "", "requester_id": "1",
        }  # fmt: skip
        return Action(
            fields=plain | fields, account=account or target.account, check_id=f"chk_{secrets.token_hex(12)}",
            nonce=secrets.token_hex(32),
        )  # fmt: skip

    def bare(self, kind: str, **fields: str) -> Action:
        """Return a new action of a kind without amount."""
        nothing = {"operation": "", "subject": "", "asset": "", "amount": ZERO}
        return self.action(kind=kind, **(nothing | fields))

    def body(self, action: Action) -> dict[str, Any]:
        """Return the body that executes an action."""
        digest = canonical.action_hash(action.fields)
        proof: dict[str, Any] = {"method": action.method, "check_id": action.check_id, "nonce": action.nonce}
        if action.method == "webauthn" and action.passkey is not None:
            meant = action.signed_for or action
            challenge = canonical.challenge(
                check_id=meant.check_id, nonce=meant.nonce, digest=canonical.action_hash(meant.fields)
            )
            proof |= action.passkey.sign(challenge, **dict(action.signing))
        return {
            "account_id": action.account,
            "action": action.fields,
            "hash": action.digest or digest,
            "executed_at": datetime.now(UTC).isoformat(),
            "proof": proof,
            "attestation": self.attestation(action),
            "approval": None,
        }

    def attestation(self, action: Action) -> str:
        """Return what the verifier says of an action's proof."""
        meant = action.attested_for or action
        verified_at = datetime.now(UTC) - timedelta(seconds=action.age_s)
        claims = {
            "iss": "pharos-verifier", "aud": self.target.issuer, "action": meant.id,
            "hash": canonical.action_hash(meant.fields), "check": meant.check_id, "method": meant.method,
            "iat": int(verified_at.timestamp()), "verified_at": verified_at.isoformat(timespec="microseconds"),
        }  # fmt: skip
        return action.attestation.encode(
            claims, typ=ATTESTATION_TYPE, kid=self.target.verifier_kid, key=self.target.verifier_key
        )

    def execute(self, action: Action) -> Response:
        """Send an action."""
        return self.send("POST", f"/actions/{action.id}", self.body(action))


def _keyed_by_what_is_public(claims: dict[str, Any], headers: dict[str, str], public: str) -> str:
    """Return a token whose MAC is keyed by a public key: whoever lets the header choose the algorithm takes it."""
    head, _, _ = jwt.encode(claims, "x" * 32, algorithm="HS256", headers=headers).rpartition(".")
    signer = jwt.get_algorithm_by_name("HS256")
    return f"{head}.{base64url(signer.sign(head.encode(), public.encode()))}"
