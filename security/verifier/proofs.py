"""Proofs for one act: step-ups of staff and checks of customers. An attempt is committed before it is compared."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from psycopg.types.json import Jsonb
from webauthn.helpers import bytes_to_base64url

from security.verifier import codes, locks, passkeys
from security.verifier.codes import Secret
from security.verifier.factors import CUSTOMER, STAFF, Factors, new_id, use
from security.verifier.passkeys import Asserted
from security.verifier.protocol import Code, Given, RefusedError, binary, number, text

BEGIN_STEP_UP = """
INSERT INTO security_stepup (public_id, staff_id, purpose, bound_to, method)
VALUES (%s, %s, %s, %s, %s) RETURNING id, nonce
"""
CHECK_OPTIONS = """
SELECT customer_id, method, nonce, hash FROM security_identitycheck
 WHERE public_id = %s AND NOT is_verified AND attempts < 5 AND issued_at > core.clock() - interval '10 minutes'
"""
ATTEMPT_STEP_UP = """
UPDATE security_stepup SET attempts = attempts + 1
 WHERE public_id = %s AND NOT is_verified AND attempts < 5 AND issued_at > core.clock() - interval '5 minutes'
RETURNING id, staff_id, method, nonce, bound_to
"""
ATTEMPT_CHECK = """
UPDATE security_identitycheck SET attempts = attempts + 1
 WHERE public_id = %s AND NOT is_verified AND attempts < 5 AND issued_at > core.clock() - interval '10 minutes'
RETURNING id, customer_id, method, nonce, hash
"""
# One comparison for each attempt: who comes second with the same count finds it moved, or proven.
PROVE_STEP_UP = """
UPDATE security_stepup SET is_verified = true, factor_id = %(factor)s, evidence = %(evidence)s,
       is_device_bound = (SELECT is_device_bound FROM security_stafffactor WHERE id = %(factor)s)
 WHERE id = %(id)s RETURNING id, verified_at
"""
PROVE_CHECK = """
UPDATE security_identitycheck SET is_verified = true, factor_id = %(factor)s, evidence = %(evidence)s,
       factor_counts_from = (SELECT counts_from FROM security_customerfactor WHERE id = %(factor)s)
 WHERE id = %(id)s RETURNING id, verified_at
"""
TO_ATTEST = """
SELECT done.public_id, encode(done.hash, 'hex'), action.public_id, done.method, done.verified_at
  FROM security_identitycheck done JOIN security_fundaction action ON action.id = done.action_id
 WHERE done.public_id = %s AND done.is_verified
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two kinds of proof: its statements, whose it is, and the name of its challenge."""

    person: str
    attempt: str
    prove: str
    challenge: str


STEP_UP = Kind(STAFF, ATTEMPT_STEP_UP, PROVE_STEP_UP, "pharos step-up 1")
CHECK = Kind(CUSTOMER, ATTEMPT_CHECK, PROVE_CHECK, "pharos identity check 1")


def challenge_of(name: str, public_id: str, nonce: bytes, content: bytes) -> bytes:
    """Return what a passkey signs: SHA-256 of the JSON array of name, proof, 32 random bytes and the act's hash."""
    return hashlib.sha256(json.dumps([name, public_id, nonce.hex(), content.hex()]).encode()).digest()


class Proofs(Factors):
    """Beginning and answering proofs; every method is one request."""

    def begin_step_up(self, given: Given) -> Given:
        """Begin a step-up of a member of staff for one act, known by its SHA-256."""
        staff, method, content = number(given, "staff"), text(given, "method"), binary(given, "bound_to")
        public_id = new_id()
        values = [public_id, staff, text(given, "purpose"), content, method]
        row = self.connection.execute(BEGIN_STEP_UP, values).fetchone()
        if row is None:
            raise RefusedError(Code.UNAVAILABLE, "The step-up was not begun.")
        found: Given = {"step_up": public_id}
        if method == "webauthn":
            challenge = challenge_of(STEP_UP.challenge, public_id, row[1], content)
            found["options"] = self._options(f"{STAFF}:{staff}", challenge)
        return found

    def finish_step_up(self, given: Given) -> Given:
        """Compare the answer to a step-up."""
        return self._answer(STEP_UP, text(given, "step_up"), given)

    def check_options(self, given: Given) -> Given:
        """Return what the customer's browser needs for answering a check."""
        check = text(given, "check")
        row = self.connection.execute(CHECK_OPTIONS, [check]).fetchone()
        if row is None:
            raise RefusedError(Code.EXPIRED, "This check has ended.")
        customer, method, nonce, content = row
        if method != "webauthn":
            return {"method": method}
        challenge = challenge_of(CHECK.challenge, check, nonce, content)
        return {"method": method, "options": self._options(f"{CUSTOMER}:{customer}", challenge)}

    def answer_check(self, given: Given) -> Given:
        """Compare the customer's answer."""
        return self._answer(CHECK, text(given, "check"), given)

    def public_key(self, _given: Given) -> Given:
        """Return the public half of the key that attests, as a JWK (RFC 8037)."""
        raw = self.configuration.signing_key.public_key().public_bytes_raw()
        return {
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.configuration.signing_key_id,
            "x": bytes_to_base64url(raw),
        }  # fmt: skip

    def attest(self, given: Given) -> Given:
        """Sign what was verified, for the exchange, which trusts no word of ours without it."""
        row = self.connection.execute(TO_ATTEST, [text(given, "check")]).fetchone()
        if row is None:
            raise RefusedError(Code.REFUSED, "This check has not been verified.")
        check, content, action, method, verified_at = row
        claims = {
            "iss": "pharos-verifier", "aud": self.configuration.audience, "action": action, "hash": content,
            "check": check, "method": method, "iat": int(verified_at.timestamp()),
            "verified_at": verified_at.isoformat(),
        }  # fmt: skip
        headers = {"typ": "pharos-attestation+jwt", "kid": self.configuration.signing_key_id}
        signed = jwt.encode(claims, self.configuration.signing_key, algorithm="EdDSA", headers=headers)
        return {"attestation": signed}

    def _options(self, person: str, challenge: bytes) -> Given:
        kept = self.passkeys_of(person)
        if not kept:
            raise RefusedError(Code.NO_FACTOR, "This person has no passkey.")
        return passkeys.request_options(self.configuration, challenge=challenge, kept=kept)

    def _answer(self, kind: Kind, public_id: str, given: Given) -> Given:
        key, whose, method, nonce, content = self._attempt(kind, public_id)
        person = f"{kind.person}:{whose}"
        if method == "webauthn":
            challenge = challenge_of(kind.challenge, public_id, nonce, content)
            found = passkeys.asserted(
                self.configuration, challenge=challenge, response=text(given, "response"),
                kept=self.passkeys_of(person),
            )  # fmt: skip
            return self._prove(kind, key, person, found)
        step = codes.step_now(self.connection)
        for secret in self.codes_of(person):
            if codes.is_right(self.configuration, secret.sealed, step, text(given, "code")):
                return self._prove(kind, key, person, secret, step)
        raise RefusedError(Code.REFUSED, "The code is not right.")

    def _attempt(self, kind: Kind, public_id: str) -> tuple[Any, ...]:
        """Count the attempt, and one of the person's; committed when this returns."""
        with self.connection.transaction():
            row = self.connection.execute(kind.attempt, [public_id]).fetchone()
            if row is None:
                raise RefusedError(Code.EXPIRED, "This has ended: it takes five answers, and not for long.")
            locks.count(self.connection, f"{kind.person}:{row[1]}")
        return row

    def _prove(self, kind: Kind, key: int, person: str, found: Asserted | Secret, step: int = 0) -> Given:
        with self.connection.transaction():
            if isinstance(found, Asserted):
                use(self.connection, found)
                factor, evidence = found.passkey.factor_id, found.evidence
            else:
                if not codes.accept(self.connection, found, step):
                    raise RefusedError(Code.REFUSED, "This code has been used: wait for the next one.")
                factor, evidence = found.factor_id, {"step": step}
            locks.forgive(self.connection, person)
            values = {"id": key, "factor": factor, "evidence": Jsonb(evidence)}
            row = self.connection.execute(kind.prove, values).fetchone()
        if row is None:
            raise RefusedError(Code.EXPIRED, "This has ended.")
        verified_at: datetime = row[1]
        return {"id": row[0], "verified_at": verified_at.isoformat()}
