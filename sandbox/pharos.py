"""What the exchange knows of Pharos: two public keys. Everything that Pharos says is believed by signature alone."""

import base64
import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sandbox import configuration, storage
from sandbox.problems import Problem, Refused

REQUEST_TYPE = "pharos-request+jwt"
ATTESTATION_TYPE = "pharos-attestation+jwt"
GATEWAY_PREFIX = "gateway-"
VERIFIER_PREFIX = "verifier-"
ALGORITHM = "EdDSA"
REQUEST_LIFE_S = 60
# Clocks of two machines differ by a little.
SKEW_S = 5
PROOF_LIFE = timedelta(minutes=5)
JTI = re.compile(r"[\x21-\x7e]{8,200}")


def public_key(kid: str) -> Ed25519PublicKey | None:
    """Return Pharos' key of that name, read anew each time: Pharos may rotate."""
    try:
        found = jwt.PyJWKSet.from_dict(json.loads(configuration.current().pharos_jwks.read_text(encoding="utf-8")))
    except (OSError, ValueError, jwt.PyJWTError):
        return None
    keys = [key.key for key in found.keys if key.key_id == kid and key.key_type == "OKP"]
    return keys[0] if len(keys) == 1 and isinstance(keys[0], Ed25519PublicKey) else None


def read(token: str, *, typ: str, prefix: str, issuer: str, needed: list[str]) -> dict[str, Any]:
    """Return the claims of a token for us; raises jwt.InvalidTokenError for every other."""
    header = jwt.get_unverified_header(token)
    kid = header.get("kid")
    key = public_key(kid) if isinstance(kid, str) and kid.startswith(prefix) else None
    if key is None or header.get("typ") != typ or header.get("alg") != ALGORITHM:
        message = "another type, algorithm or key than expected"
        raise jwt.InvalidTokenError(message)
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=[ALGORITHM], audience=configuration.current().issuer, issuer=issuer, leeway=SKEW_S,
        options={"require": ["iss", "aud", "iat", *needed], "strict_aud": True},
    )  # fmt: skip
    return claims


class Bearer:
    """The check of a request's signature: method, path and body are what was signed, within a minute, once."""

    def check(self, connection: sqlite3.Connection, *, header: str, method: str, target: str, body: bytes) -> None:
        """Raise 401 unless Pharos' gateway signed this very request and it has not been here before."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise self._refusal("no bearer token")
        try:
            claims = read(
                token,
                typ=REQUEST_TYPE,
                prefix=GATEWAY_PREFIX,
                issuer="pharos",
                needed=["exp", "jti", "htm", "htu", "bh"],
            )
        except jwt.InvalidTokenError as error:
            raise self._refusal(str(error)) from error
        self.is_for(claims, method=method, target=target, body=body)
        self.once(connection, claims)

    def is_for(self, claims: Mapping[str, Any], *, method: str, target: str, body: bytes) -> None:
        """Compare with the request at hand."""
        if not 0 < claims["exp"] - claims["iat"] <= REQUEST_LIFE_S:
            raise self._refusal("lives longer than a minute")
        if (claims["htm"], claims["htu"]) != (method, target):
            raise self._refusal("made for another request")
        if claims["bh"] != base64url(hashlib.sha256(body).digest()):
            raise self._refusal("made for another body")
        if not isinstance(claims["jti"], str) or not JTI.fullmatch(claims["jti"]):
            raise self._refusal("has no usable jti")

    def once(self, connection: sqlite3.Connection, claims: Mapping[str, Any]) -> None:
        """Remember the token for its life; seen again it is refused."""
        moment = storage.stamp(storage.now())
        ends = datetime.fromtimestamp(claims["exp"] + SKEW_S, UTC)
        connection.execute("DELETE FROM seen_request WHERE expires_at < ?", (moment,))
        try:
            connection.execute("INSERT INTO seen_request VALUES (?, ?)", (claims["jti"], storage.stamp(ends)))
        except sqlite3.IntegrityError as error:
            raise self._refusal("was used before") from error

    def _refusal(self, why: str) -> Problem:
        return Problem(HTTPStatus.UNAUTHORIZED, "bearer", f"The request's token is refused: {why}.")


class Attestation:
    """The check of what Pharos' verifier says: who proved what, how and when."""

    def check(self, token: str, *, action_id: str, digest: str, proof: Mapping[str, Any]) -> datetime:
        """Return when the customer's proof was verified; raises Refused unless it is about this very action."""
        try:
            claims = read(
                token, typ=ATTESTATION_TYPE, prefix=VERIFIER_PREFIX, issuer="pharos-verifier",
                needed=["action", "hash", "check", "method", "verified_at"],
            )  # fmt: skip
            verified_at = datetime.fromisoformat(str(claims["verified_at"]))
        except (jwt.InvalidTokenError, ValueError) as error:
            raise Refused("attestation", f"The attestation is refused: {error}.") from error
        self.is_about(claims, action_id=action_id, digest=digest, proof=proof)
        if verified_at.tzinfo is None or int(verified_at.timestamp()) != claims["iat"]:
            raise Refused("attestation", "iat and verified_at of the attestation differ.")
        self.is_fresh(verified_at)
        return verified_at

    def is_about(self, claims: Mapping[str, Any], *, action_id: str, digest: str, proof: Mapping[str, Any]) -> None:
        """Compare with the action and the proof at hand."""
        said = (claims["action"], claims["hash"], claims["check"], claims["method"])
        if said != (action_id, digest, proof["check_id"], proof["method"]):
            raise Refused("attestation", "The attestation is about something else.")

    def is_fresh(self, verified_at: datetime) -> None:
        """Refuse a proof that is older than five minutes, or from the future."""
        age = storage.now() - verified_at
        if not -timedelta(seconds=SKEW_S) <= age <= PROOF_LIFE:
            raise Refused("not_fresh", "The proof is not fresh: it counts for five minutes.")


def base64url(raw: bytes) -> str:
    """Encode without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
