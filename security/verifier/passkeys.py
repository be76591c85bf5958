"""Passkeys (WebAuthn Level 3): options, registrations and assertions, judged by the library `webauthn`.

Challenge, origin, rpId, user presence, user verification and the counter are compared for each; whether a key may be
copied (BE) never changes for a credential.
"""

import json
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import InvalidAuthenticationResponse, InvalidRegistrationResponse, WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from security.verifier.configuration import Configuration
from security.verifier.locks import Connection
from security.verifier.protocol import Code, RefusedError

# Of two assertions at once with the same count, one is accepted; a key that does not count stays at 0.
ACCEPT = """
UPDATE security_factorsecret SET sign_count = %(count)s
WHERE id = %(secret)s AND (sign_count < %(count)s OR (sign_count = 0 AND %(count)s = 0))
"""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A living passkey: its factor's row, the row of its key, and what an assertion is compared with."""

    factor_id: int
    secret_id: int
    credential_id: bytes
    public_key: bytes
    sign_count: int
    may_be_copied: bool


@dataclass(frozen=True, slots=True)
class Asserted:
    """A right assertion: by which key, its new count, and what was sent, as evidence."""

    passkey: Passkey
    sign_count: int
    evidence: dict[str, Any]


def creation_options(
    configuration: Configuration, *, challenge: bytes, handle: bytes, name: str, kept: list[Passkey]
) -> dict[str, Any]:
    """Return what `navigator.credentials.create` is given, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=configuration.rp_id,
        rp_name="Pharos",
        user_id=handle,
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in kept],
    )
    return _json(options)


def request_options(configuration: Configuration, *, challenge: bytes, kept: list[Passkey]) -> dict[str, Any]:
    """Return what `navigator.credentials.get` is given, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=configuration.rp_id,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in kept],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _json(options)


def registered(configuration: Configuration, *, challenge: bytes, response: str) -> VerifiedRegistration:
    """Return the verified registration; raises RefusedError for any other."""
    try:
        return webauthn.verify_registration_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=configuration.rp_id,
            expected_origin=list(configuration.origins),
            require_user_verification=True,
        )
    except (InvalidRegistrationResponse, WebAuthnException, ValueError) as error:
        raise RefusedError(Code.REFUSED, f"The passkey was not accepted: {error}") from None


def asserted(configuration: Configuration, *, challenge: bytes, response: str, kept: list[Passkey]) -> Asserted:
    """Return the verified assertion by one of the `kept` keys; raises RefusedError for any other."""
    try:
        given = parse_authentication_credential_json(response)
        passkey = next((key for key in kept if key.credential_id == given.raw_id), None)
        if passkey is None:
            raise RefusedError(Code.REFUSED, "This passkey is not one of this person's.")
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=configuration.rp_id,
            expected_origin=list(configuration.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (InvalidAuthenticationResponse, WebAuthnException, ValueError) as error:
        raise RefusedError(Code.REFUSED, f"The passkey was not accepted: {error}") from None
    may_be_copied = verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE
    if may_be_copied != passkey.may_be_copied:
        raise RefusedError(Code.REFUSED, "The passkey says something else about being copied than when it was made.")
    evidence = {
        "credential_id": bytes_to_base64url(given.raw_id),
        "client_data_json": bytes_to_base64url(given.response.client_data_json),
        "authenticator_data": bytes_to_base64url(given.response.authenticator_data),
        "signature": bytes_to_base64url(given.response.signature),
        "user_handle": bytes_to_base64url(given.response.user_handle or b""),
        "sign_count": verified.new_sign_count,
        "is_backed_up": verified.credential_backed_up,
    }
    return Asserted(passkey, verified.new_sign_count, evidence)


def is_still_right(
    configuration: Configuration, *, challenge: bytes, evidence: dict[str, Any], public_key: bytes
) -> bool:
    """Whether what was kept as evidence is an assertion over `challenge` by this key, whatever it has signed since."""
    names = {"clientDataJSON": "client_data_json", "authenticatorData": "authenticator_data", "signature": "signature"}
    try:
        credential = {
            "id": evidence["credential_id"], "rawId": evidence["credential_id"], "type": "public-key",
            "response": {name: evidence[kept] for name, kept in names.items()},
        }  # fmt: skip
        webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=configuration.rp_id,
            expected_origin=list(configuration.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (InvalidAuthenticationResponse, WebAuthnException, KeyError, ValueError):
        return False
    return True


def accept(connection: Connection, found: Asserted) -> bool:
    """Keep the new count; False when another assertion has moved it meanwhile."""
    values = {"count": found.sign_count, "secret": found.passkey.secret_id}
    return connection.execute(ACCEPT, values).rowcount == 1


def from_base64url(value: str) -> bytes:
    """Decode what browsers and exchanges send; raises RefusedError for anything else."""
    try:
        return base64url_to_bytes(value)
    except ValueError:
        raise RefusedError(Code.BAD_REQUEST, "A key is written in base64url.") from None


def _json(options: Any) -> dict[str, Any]:  # noqa: ANN401 -- either kind of options
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found
