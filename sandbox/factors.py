"""Enrolment of passkeys: the exchange issues the challenge, verifies the answer and keeps the public key."""

import secrets
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_registration_options,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from sandbox import accounts, configuration, storage
from sandbox.problems import Problem

LIFE = timedelta(minutes=10)
# What an executed action of these kinds lets go.
ENDING_KINDS = ("factor_change", "mfa_reset")


def options(work: sqlite3.Connection, account_id: str, pharos_customer: str) -> dict[str, Any]:
    """Return creation options with a challenge of ours, good for ten minutes and one registration."""
    account = _bindable(work, account_id, pharos_customer)
    known = work.execute("SELECT credential_id FROM factor WHERE account_id = ?", (account_id,)).fetchall()
    made = generate_registration_options(
        rp_id=configuration.current().rp_id,
        rp_name="Pharos Exchange",
        user_name=account["email"],
        user_id=account_id.encode(),
        user_display_name=account["name"],
        challenge=secrets.token_bytes(32),
        timeout=int(LIFE.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(row[0])) for row in known],
    )
    registration_id = f"reg_{secrets.token_hex(12)}"
    moment = storage.now()
    work.execute("DELETE FROM registration WHERE expires_at < ?", (storage.stamp(moment),))
    work.execute(
        "INSERT INTO registration VALUES (?, ?, ?, ?, ?)",
        (
            registration_id, account_id, pharos_customer, bytes_to_base64url(made.challenge),
            storage.stamp(moment + LIFE),
        ),
    )  # fmt: skip
    return {"registration_id": registration_id, "options": options_to_json_dict(made)}


def enrol(work: sqlite3.Connection, account_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Verify the raw registration response and keep the public key; binds the account to its customer at Pharos."""
    if not isinstance(body.get("response"), dict) or not isinstance(body.get("registration_id"), str):
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "registration_id, response and origin are needed.")
    registration = work.execute(
        "DELETE FROM registration WHERE registration_id = ? AND account_id = ? AND expires_at > ? RETURNING *",
        (body["registration_id"], account_id, storage.stamp(storage.now())),
    ).fetchone()
    if registration is None:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "registration", "The registration is unknown, used or over.")
    customer = registration["pharos_customer"]
    _bindable(work, account_id, customer)
    made = _verified(body["response"], str(body.get("origin")), registration["challenge"])
    try:
        work.execute(
            "INSERT INTO factor VALUES (:factor_id, :account_id, 'webauthn', :credential_id, :public_key, :sign_count, "
            ":aaguid, :device_type, :backed_up, :created_at)",
            {**made, "account_id": account_id, "created_at": storage.stamp(storage.now())},
        )
    except sqlite3.IntegrityError as error:
        raise Problem(HTTPStatus.CONFLICT, "credential_known", "This passkey is enrolled already.") from error
    work.execute("UPDATE account SET pharos_customer = ? WHERE account_id = ?", (customer, account_id))
    return made


def remove(work: sqlite3.Connection, account_id: str, factor_id: str, action_id: str) -> None:
    """Let a factor go that an executed action of this account covers; done already is done."""
    accounts.row(work, account_id)
    action = work.execute(
        "SELECT kind, operation, subject FROM answer WHERE action_id = ? AND account_id = ? AND outcome = 'executed'",
        (action_id, account_id),
    ).fetchone()
    covers = action is not None and (
        action["kind"] == "mfa_reset"
        or (action["kind"], action["operation"], action["subject"]) == ("factor_change", "remove", factor_id)
    )
    if not covers:
        raise Problem(HTTPStatus.FORBIDDEN, "no_action", "A factor goes by an executed action only.")
    if action["kind"] == "factor_change":
        work.execute("DELETE FROM factor WHERE account_id = ? AND factor_id = ?", (account_id, factor_id))


def _bindable(work: sqlite3.Connection, account_id: str, pharos_customer: str) -> sqlite3.Row:
    account = accounts.row(work, account_id)
    if not pharos_customer or not isinstance(pharos_customer, str):
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "pharos_customer is needed.")
    owner = work.execute("SELECT account_id FROM account WHERE pharos_customer = ?", (pharos_customer,)).fetchone()
    if account["pharos_customer"] not in {None, pharos_customer} or (owner and owner[0] != account_id):
        raise Problem(HTTPStatus.CONFLICT, "customer_mismatch", "The account is bound to another customer.")
    if account["state"] != "active":
        raise Problem(HTTPStatus.CONFLICT, str(account["state"]), "The account cannot take a factor now.")
    return account


def _verified(response: dict[str, Any], origin: str, challenge: str) -> dict[str, Any]:
    where = configuration.current()
    try:
        if origin != where.portal_origin:
            message = "made on another origin"
            raise ValueError(message)
        verified = verify_registration_response(
            credential=response,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=where.rp_id,
            expected_origin=where.portal_origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as error:
        detail = f"The registration is refused: {error}."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "registration", detail) from error
    return {
        "factor_id": f"fac_{secrets.token_hex(10)}",
        "credential_id": bytes_to_base64url(verified.credential_id),
        "public_key": bytes_to_base64url(verified.credential_public_key),
        "sign_count": verified.sign_count,
        "aaguid": verified.aaguid,
        "device_type": verified.credential_device_type.value,
        "backed_up": verified.credential_backed_up,
    }
