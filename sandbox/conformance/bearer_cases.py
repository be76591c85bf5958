"""Back channel authentication: only what Pharos' gateway signed, for this request, now, once."""

import json
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from sandbox.conformance.case import Scene, case, ensure, expect, expect_problem
from sandbox.conformance.gateway import Forgery
from sandbox.conformance.target import kid_of

GROUP = "request token"


def _refused(scene: Scene, forged: Forgery) -> None:
    path = f"/accounts/{scene.target.account}"
    expect(scene.gateway.send("GET", path), 200)
    expect_problem(scene.gateway.send("GET", path, forged=forged), 401)


@case(GROUP, "none: 401")
def _none(scene: Scene) -> None:
    expect_problem(scene.gateway.send("GET", f"/accounts/{scene.target.account}", bearer=""), 401)


@case(GROUP, "no token at all, only words: 401")
def _words(scene: Scene) -> None:
    expect_problem(scene.gateway.send("GET", f"/accounts/{scene.target.account}", bearer="a.b.c"), 401)


@case(GROUP, "alg none: 401")
def _unsigned(scene: Scene) -> None:
    _refused(scene, Forgery(algorithm="none"))


@case(GROUP, "HS256 keyed by the public key: 401")
def _confused(scene: Scene) -> None:
    public = scene.target.gateway_key.public_key()
    for text in (json.dumps(json.loads(OKPAlgorithm.to_jwk(public))), OKPAlgorithm.to_jwk(public, as_dict=True)["x"]):
        _refused(scene, Forgery(algorithm="HS256", key=text))


@case(GROUP, "signed by the verifier's key, under either name: 401")
def _other_key(scene: Scene) -> None:
    target = scene.target
    _refused(scene, Forgery(key=target.verifier_key))
    _refused(scene, Forgery(key=target.verifier_key, kid=target.verifier_kid))


@case(GROUP, "signed by a stranger's key, under a known and an unknown name: 401")
def _stranger(scene: Scene) -> None:
    key = Ed25519PrivateKey.generate()
    _refused(scene, Forgery(key=key))
    _refused(scene, Forgery(key=key, kid=kid_of(key, "gateway")))


@case(GROUP, "another type: 401")
def _other_type(scene: Scene) -> None:
    _refused(scene, Forgery(typ="JWT"))
    _refused(scene, Forgery(typ="pharos-attestation+jwt"))


@case(GROUP, "another audience: 401")
def _audience(scene: Scene) -> None:
    _refused(scene, Forgery(claims={"aud": "https://another.example"}))
    _refused(scene, Forgery(claims={"aud": None}))


@case(GROUP, "another issuer: 401")
def _issuer(scene: Scene) -> None:
    _refused(scene, Forgery(claims={"iss": "pharos-verifier"}))


@case(GROUP, "expired: 401")
def _expired(scene: Scene) -> None:
    moment = int(time.time())
    _refused(scene, Forgery(claims={"iat": moment - 150, "exp": moment - 100}))


@case(GROUP, "lives longer than 60 s, or for ever: 401")
def _long(scene: Scene) -> None:
    _refused(scene, Forgery(claims={"exp": int(time.time()) + 3600}))
    _refused(scene, Forgery(claims={"exp": None}))


@case(GROUP, "from the future: 401")
def _future(scene: Scene) -> None:
    moment = int(time.time())
    _refused(scene, Forgery(claims={"iat": moment + 300, "exp": moment + 330}))


@case(GROUP, "of another method, path or query: 401")
def _elsewhere(scene: Scene) -> None:
    account = f"/accounts/{scene.target.account}"
    _refused(scene, Forgery(claims={"htm": "DELETE"}))
    _refused(scene, Forgery(claims={"htu": f"/accounts/{scene.target.other_account}"}))
    token = scene.gateway.bearer("GET", f"{account}/transactions?kind=deposit", b"")
    expect_problem(scene.gateway.send("GET", f"{account}/transactions?kind=withdrawal", bearer=token), 401)


@case(GROUP, "of another body: 401, and nothing is done")
def _other_body(scene: Scene) -> None:
    action = scene.action()
    sent = scene.gateway.body(action)
    path = f"/actions/{action.id}"
    token = scene.gateway.bearer("POST", path, json.dumps(sent | {"approval": {}}).encode())
    expect_problem(scene.gateway.send("POST", path, sent, bearer=token), 401)
    expect_problem(scene.gateway.send("GET", path), 404)


@case(GROUP, "used twice (jti): 401")
def _twice(scene: Scene) -> None:
    path = f"/accounts/{scene.target.account}"
    token = scene.gateway.bearer("GET", path, b"")
    expect(scene.gateway.send("GET", path, bearer=token), 200)
    expect_problem(scene.gateway.send("GET", path, bearer=token), 401)


@case(GROUP, "without jti: 401")
def _no_jti(scene: Scene) -> None:
    _refused(scene, Forgery(claims={"jti": None}))


@case("keys", "the exchange publishes Ed25519 keys with names, and no private half")
def _published(scene: Scene) -> None:
    found = expect(scene.gateway.send("GET", "/.well-known/jwks.json", bearer=""), 200)
    ensure(bool(found.get("keys")), "no keys")
    for key in found["keys"]:
        ensure((key.get("kty"), key.get("crv")) == ("OKP", "Ed25519"), "a key is not Ed25519")
        ensure(bool(key.get("kid")) and "d" not in key, "a key has no name, or shows its private half")
