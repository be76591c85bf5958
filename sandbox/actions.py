"""The core that executes actions: it believes nobody's word, answers once for each id and keeps the answer."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from webauthn import base64url_to_bytes, verify_authentication_response
from webauthn.helpers.exceptions import WebAuthnException

from sandbox import accounts, canonical, configuration, kinds, storage
from sandbox.kinds import Ask
from sandbox.pharos import Attestation
from sandbox.problems import Problem, Refused

METHODS = ("webauthn", "totp", "manual")
ASSERTION = ("credential_id", "client_data_json", "authenticator_data", "signature", "user_handle")
# Without the customer's own signature: money up to small limits only, and never who may act for the account.
TOTP_KINDS = frozenset(
    {
        "withdrawal_release",
        "deposit_recovery",
        "refund",
        "balance_adjustment",
        "address_change",
        "allow_list_change",
    }
)
# A review of documents takes the place of a factor that is lost, and of nothing else.
MANUAL_KINDS = frozenset({"mfa_reset", "factor_change"})


@dataclass(frozen=True)
class Answer:
    """What was answered to an action, now or earlier."""

    outcome: str
    reference: str
    code: str
    detail: str
    at: str
    is_replay: bool = False


class Core:
    """Decides and executes; each check is a method of its own, so that tests can show what its absence means."""

    attestation = Attestation()

    def execute(self, work: sqlite3.Connection, action_id: str, body: Mapping[str, Any]) -> Answer:
        """Return the answer to the action, the recorded one if there is one.

        Raises Problem 400 for a malformed body, 404 for an unknown account and 409 for another body under a known id;
        none of them is recorded.
        """
        check_shape(action_id, body)
        account = accounts.row(work, body["account_id"])
        fingerprint = self.fingerprint(body)
        known = work.execute("SELECT * FROM answer WHERE action_id = ?", (action_id,)).fetchone()
        if known is not None:
            if known["fingerprint"] != fingerprint:
                raise Problem(HTTPStatus.CONFLICT, "conflict", "This id was sent before with another body.")
            return recorded(known, is_replay=True)
        return self._first_answer(work, ask_of(action_id, account, body["action"]), body, fingerprint)

    def _first_answer(self, work: sqlite3.Connection, ask: Ask, body: Mapping[str, Any], fingerprint: str) -> Answer:
        reference = f"ex_{secrets.token_hex(10)}"
        at = storage.stamp(storage.now())
        answer = Answer("executed", reference, "", "", at)
        self._record(work, ask, fingerprint, answer)
        work.execute("SAVEPOINT effect")
        try:
            kind = self.check(work, ask, body)
            kind.effect(work, ask, reference)
        except Refused as refusal:
            work.execute("ROLLBACK TO effect")
            answer = Answer("refused", "", refusal.code, refusal.detail, at)
            work.execute(
                "UPDATE answer SET outcome = ?, reference = '', code = ?, detail = ? WHERE action_id = ?",
                (answer.outcome, answer.code, answer.detail, ask.action_id),
            )
        return answer

    def check(self, work: sqlite3.Connection, ask: Ask, body: Mapping[str, Any]) -> kinds.Kind:
        """Raise Refused unless the account may act, the kind is known and the customer proved this very action."""
        self.account_may_act(ask)
        kind = kinds.check_shape(ask)
        digest = self.hash_holds(body)
        self.customer_is_bound(ask, body["action"]["customer_id"])
        proof = body["proof"]
        self.attestation.check(body["attestation"], action_id=ask.action_id, digest=digest, proof=proof)
        if proof["method"] == "webauthn":
            self.customer_signed(work, ask, digest, proof)
        else:
            self.method_reaches(ask, proof["method"])
        return kind

    def fingerprint(self, body: Mapping[str, Any]) -> str:
        """Return what makes two bodies the same: their values, not their spacing."""
        return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def account_may_act(self, ask: Ask) -> None:
        """Refuse for an account that is closed, and for a frozen one all but its unfreezing."""
        if ask.account["state"] == "closed":
            raise Refused("state", "The account is closed.")
        if ask.account["state"] == "frozen" and ask.kind != "unfreeze":
            raise Refused("frozen", "The account is frozen.")

    def hash_holds(self, body: Mapping[str, Any]) -> str:
        """Return the hash of the action's fields, computed here."""
        digest = canonical.action_hash(body["action"])
        if digest != body["hash"]:
            raise Refused("hash", "The hash is not that of the action's fields.")
        return digest

    def customer_is_bound(self, ask: Ask, customer_id: str) -> None:
        """Refuse an action of a customer whose account this is not."""
        if ask.account["pharos_customer"] != customer_id:
            raise Refused("customer_mismatch", "The account is not bound to this customer.")

    def customer_signed(self, work: sqlite3.Connection, ask: Ask, digest: str, proof: Mapping[str, str]) -> None:
        """Verify the customer's assertion with our own copy of the public key; keep the new sign count."""
        factor = work.execute(
            "SELECT * FROM factor WHERE credential_id = ? AND account_id = ?", (proof["credential_id"], ask.account_id)
        ).fetchone()
        if factor is None:
            raise Refused("signature", "The account has no such passkey.")
        if proof["user_handle"] and proof["user_handle"] != accounts.user_handle(ask.account_id):
            raise Refused("signature", "The passkey was made for somebody else.")
        try:
            count = self.assertion(factor, proof, canonical.challenge(
                check_id=proof["check_id"], nonce=proof["nonce"], digest=digest
            ))  # fmt: skip
        except (WebAuthnException, ValueError) as error:
            raise Refused("signature", f"The passkey's answer is refused: {error}.") from error
        work.execute("UPDATE factor SET sign_count = ? WHERE factor_id = ?", (count, factor["factor_id"]))

    def assertion(self, factor: sqlite3.Row, proof: Mapping[str, str], challenge: bytes) -> int:
        """Return the new sign count; raises WebAuthnException for an answer that is not this passkey's."""
        where = configuration.current()
        verified = verify_authentication_response(
            credential=credential(proof),
            expected_challenge=challenge,
            expected_rp_id=where.rp_id,
            expected_origin=where.portal_origin,
            credential_public_key=base64url_to_bytes(factor["public_key"]),
            credential_current_sign_count=factor["sign_count"],
            require_user_verification=True,
        )
        return verified.new_sign_count

    def method_reaches(self, ask: Ask, method: str) -> None:
        """Refuse what a method without the customer's signature may not do."""
        reach = TOTP_KINDS if method == "totp" else MANUAL_KINDS
        most = configuration.current().totp_limits.get(ask.asset, Decimal(0)) if method == "totp" else Decimal(0)
        if ask.kind not in reach or ask.amount > most:
            raise Refused("limits", f"Beyond what the method {method} may do.")

    def _record(self, work: sqlite3.Connection, ask: Ask, fingerprint: str, answer: Answer) -> None:
        work.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                ask.action_id, ask.account_id, fingerprint, ask.kind, ask.operation, ask.subject, ask.asset,
                str(ask.amount), answer.outcome, answer.reference, answer.code, answer.detail, answer.at,
            ),
        )  # fmt: skip


def look_up(work: sqlite3.Connection, action_id: str) -> Answer:
    """Return the recorded answer; raises Problem 404 when there is none."""
    row = work.execute("SELECT * FROM answer WHERE action_id = ?", (action_id,)).fetchone()
    if row is None:
        raise Problem(HTTPStatus.NOT_FOUND, "unknown_action", "No answer is recorded under this id.")
    return recorded(row)


def recorded(row: sqlite3.Row, *, is_replay: bool = False) -> Answer:
    """Return the answer in a row."""
    return Answer(row["outcome"], row["reference"], row["code"], row["detail"], row["at"], is_replay)


def ask_of(action_id: str, account: sqlite3.Row, action: Mapping[str, str]) -> Ask:
    """Return the action, its amount read as a number."""
    return Ask(
        action_id=action_id, account=account, kind=action["kind"], operation=action["operation"],
        subject=action["subject"], asset=action["asset"], network=action["network"], amount=Decimal(action["amount"]),
        destination=action["destination"], tag=action["tag"],
    )  # fmt: skip


def credential(proof: Mapping[str, str]) -> dict[str, Any]:
    """Return the assertion in the shape of WebAuthn's AuthenticationResponseJSON."""
    return {
        "id": proof["credential_id"],
        "rawId": proof["credential_id"],
        "type": "public-key",
        "response": {
            "clientDataJSON": proof["client_data_json"],
            "authenticatorData": proof["authenticator_data"],
            "signature": proof["signature"],
            "userHandle": proof["user_handle"] or None,
        },
    }


def check_shape(action_id: str, body: Mapping[str, Any]) -> None:
    """Raise Problem 400 for a body that is not what the contract says."""
    action, proof = body.get("action"), body.get("proof")
    texts = (body.get("account_id"), body.get("hash"), body.get("executed_at"), body.get("attestation"))
    if not isinstance(action, dict) or not isinstance(proof, dict) or not all(isinstance(t, str) for t in texts):
        raise _malformed("account_id, action, hash, executed_at, proof and attestation are needed")
    if action.keys() != set(canonical.FIELDS) or not all(isinstance(value, str) for value in action.values()):
        raise _malformed("the action has exactly the fields of the contract, all of them texts")
    if action["public_id"] != action_id:
        raise _malformed("the action's public_id is not the id in the path")
    if not canonical.AMOUNT.fullmatch(action["amount"]):
        raise _malformed("an amount has 18 decimals")
    needed = ("method", "check_id", "nonce", *(ASSERTION if proof.get("method") == "webauthn" else ()))
    if proof.get("method") not in METHODS or not all(isinstance(proof.get(name), str) for name in needed):
        raise _malformed("the proof has not the fields of its method")
    if not isinstance(body.get("approval"), dict | None):
        raise _malformed("an approval is an object or null")


def _malformed(why: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "malformed", f"The body is malformed: {why}.")
