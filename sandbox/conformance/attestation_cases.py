"""What Pharos' verifier says: only by its key, about this very action, for five minutes."""

import time
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from sandbox.conformance.case import Scene, case, expect_refused
from sandbox.conformance.gateway import Forgery

GROUP = "attestation"
MUCH = "1000000.000000000000000000"


def _refused(scene: Scene, forged: Forgery) -> None:
    """With the customer's signature and, where it matters more, without."""
    expect_refused(scene, replace(scene.action(), attestation=forged), "attestation")
    expect_refused(scene, replace(scene.gateway.action(), method="totp", attestation=forged), "attestation")


@case(GROUP, "older than five minutes: not_fresh")
def _stale(scene: Scene) -> None:
    for age_s in (305.0, 86_400.0):
        expect_refused(scene, replace(scene.action(), age_s=age_s), "not_fresh")
        expect_refused(scene, replace(scene.gateway.action(), method="totp", age_s=age_s), "not_fresh")


@case(GROUP, "from the future: not_fresh or attestation")
def _future(scene: Scene) -> None:
    expect_refused(scene, replace(scene.action(), age_s=-120.0), "not_fresh", "attestation")


@case(GROUP, "fresh by iat, stale by verified_at: attestation")
def _two_times(scene: Scene) -> None:
    forged = Forgery(claims={"iat": int(time.time()) - 2})
    expect_refused(scene, replace(scene.action(), age_s=290.0, attestation=forged), "attestation")


@case(GROUP, "alg none: attestation")
def _unsigned(scene: Scene) -> None:
    _refused(scene, Forgery(algorithm="none"))


@case(GROUP, "HS256 keyed by the public key: attestation")
def _confused(scene: Scene) -> None:
    public = OKPAlgorithm.to_jwk(scene.target.verifier_key.public_key(), as_dict=True)["x"]
    _refused(scene, Forgery(algorithm="HS256", key=public))


@case(GROUP, "signed by the gateway's key, under either name: attestation")
def _gateway(scene: Scene) -> None:
    _refused(scene, Forgery(key=scene.target.gateway_key))
    _refused(scene, Forgery(key=scene.target.gateway_key, kid=scene.target.gateway_kid))


@case(GROUP, "signed by a stranger: attestation")
def _stranger(scene: Scene) -> None:
    _refused(scene, Forgery(key=Ed25519PrivateKey.generate()))


@case(GROUP, "another type, audience or issuer: attestation")
def _elsewhere(scene: Scene) -> None:
    _refused(scene, Forgery(typ="pharos-request+jwt"))
    _refused(scene, Forgery(claims={"aud": "https://another.example"}))
    _refused(scene, Forgery(claims={"iss": "pharos"}))


@case(GROUP, "about another amount, action, check or method: attestation")
def _about(scene: Scene) -> None:
    for method in ("webauthn", "totp"):
        action = replace(scene.action(), method=method)
        others = (
            action.having(amount=MUCH),
            action.having(public_id="act_another"),
            replace(action, check_id="chk_another"),
            replace(action, method="manual"),
        )
        for other in others:
            fresh = replace(scene.action(), method=method)
            about = replace(other.having(public_id=fresh.id) if other.id == action.id else other)
            about = replace(about, check_id=fresh.check_id if other.check_id == action.check_id else other.check_id)
            expect_refused(scene, replace(fresh, attested_for=about), "attestation")


@case(GROUP, "without one of its claims: attestation")
def _lacking(scene: Scene) -> None:
    for name in ("action", "hash", "check", "method", "iat", "verified_at"):
        expect_refused(scene, replace(scene.action(), attestation=Forgery(claims={name: None})), "attestation")
