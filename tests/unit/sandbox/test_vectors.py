"""The test vectors of docs/exchange-gateway.md are true, by the sandbox's own code and by the libraries'."""

import base64
import hashlib
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from webauthn import base64url_to_bytes, verify_authentication_response

from helpdesk.embedded.places import ROOT
from sandbox import actions, canonical
from sandbox.conformance.target import kid_of
from sandbox.pharos import base64url

VECTORS: dict[str, Any] = json.loads((ROOT / "docs/exchange-gateway-vectors.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/exchange-gateway.md").read_text(encoding="utf-8")


def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64url_to_bytes(VECTORS["ed25519"]["d"]))


@pytest.mark.parametrize("index", range(len(VECTORS["actions"])))
def test_action__of_the_vectors__has_its_text_and_hash(index: int) -> None:
    vector = VECTORS["actions"][index]

    assert hashlib.sha256(vector["text"].encode()).hexdigest() == vector["hash"]
    assert json.loads(vector["text"]) == [canonical.ACTION_FORMAT, *vector["action"].values()]
    assert canonical.action_hash(vector["action"]) == vector["hash"]


def test_challenge__of_the_vectors__is_that_of_the_check() -> None:
    vector = VECTORS["challenge"]

    made = canonical.challenge(check_id=vector["check_id"], nonce=vector["nonce"], digest=vector["hash"])

    assert made.hex() == vector["challenge"] == hashlib.sha256(vector["text"].encode()).hexdigest()


def test_page__shows_texts_and_hashes_of_the_vectors() -> None:
    first, challenge = VECTORS["actions"][0], VECTORS["challenge"]

    assert all(text in PAGE for text in (first["text"], first["hash"], challenge["text"], challenge["challenge"]))


def test_assertion__of_the_vectors__verifies_over_the_challenge() -> None:
    vector = VECTORS["assertion"]

    verified = verify_authentication_response(
        credential=actions.credential(vector), expected_challenge=bytes.fromhex(VECTORS["challenge"]["challenge"]),
        expected_rp_id=vector["rp_id"], expected_origin=vector["origin"],
        credential_public_key=base64url_to_bytes(vector["cose"]), credential_current_sign_count=0,
        require_user_verification=True,
    )  # fmt: skip

    assert verified.user_verified


@pytest.mark.parametrize("name", ["request", "attestation"])
def test_token__of_the_vectors__is_signed_as_it_says(name: str) -> None:
    vector = VECTORS[name]
    token = ".".join(vector["parts"])

    claims = jwt.decode(
        token, key().public_key(), algorithms=["EdDSA"], audience="http://127.0.0.1:8100",
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip

    assert claims == vector["claims"]
    assert jwt.get_unverified_header(token) == vector["header"]
    assert vector["header"]["kid"] == kid_of(key(), {"request": "gateway", "attestation": "verifier"}[name])


def test_request__of_the_vectors__names_its_body() -> None:
    vector = VECTORS["request"]

    assert vector["claims"]["bh"] == base64url(hashlib.sha256(vector["body"].encode()).digest())
    assert (vector["claims"]["htm"], vector["claims"]["htu"]) == (vector["method"], vector["target"])


def test_key__of_the_vectors__is_that_of_the_standard() -> None:
    public = key().public_key().public_bytes_raw()

    assert base64.urlsafe_b64encode(public).rstrip(b"=").decode() == VECTORS["ed25519"]["x"]
    assert VECTORS["ed25519"]["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
