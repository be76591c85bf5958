"""Accounts, their transactions, and enrolment of passkeys."""

import secrets

from sandbox.conformance.authenticator import Passkey
from sandbox.conformance.case import Scene, case, ensure, expect, expect_problem

ACCOUNT = "accounts"
ENROLMENT = "enrolment"
SEEN = {"account_id", "state", "tier", "kyc_level", "hold_reason", "frozen_at", "factors", "pharos_customer"}
MOVEMENT = {
    "id", "kind", "asset", "network", "amount", "hash", "confirmations", "needed", "state", "hold_reason",
    "destination", "created_at",
}  # fmt: skip


@case(ACCOUNT, "an account is shown with its state and factors, bound to its customer")
def _shown(scene: Scene) -> None:
    target = scene.target
    body = expect(
        scene.gateway.send("GET", f"/accounts/{target.account}"), 200, account_id=target.account, state="active",
        pharos_customer=target.customer,
    )  # fmt: skip
    ensure(body.keys() >= SEEN, f"lacks {', '.join(sorted(SEEN - body.keys()))}")
    names = {factor["factor_id"] for factor in body["factors"]}
    ensure(scene.passkey.factor_id in names, "the enrolled passkey is not listed")


@case(ACCOUNT, "an unknown account: 404")
def _unknown(scene: Scene) -> None:
    for path in ("", "/transactions"):
        expect_problem(scene.gateway.send("GET", f"/accounts/acc_nobody{path}"), 404)


@case(ACCOUNT, "transactions are listed, by kind and hash")
def _transactions(scene: Scene) -> None:
    path = f"/accounts/{scene.target.account}/transactions"
    for query, kinds in (
        ("", {"deposit", "withdrawal"}),
        ("?kind=deposit", {"deposit"}),
        ("?kind=withdrawal&hash=", {"withdrawal"}),
    ):
        results = expect(scene.gateway.send("GET", path + query), 200).get("results")
        ensure(isinstance(results, list), "results is no list")
        for found in results or []:
            ensure(found.keys() >= MOVEMENT, f"lacks {', '.join(sorted(MOVEMENT - found.keys()))}")
            ensure(found["kind"] in kinds, "another kind than asked for")
    nothing = expect(scene.gateway.send("GET", f"{path}?hash=no-such-hash"), 200)
    ensure(nothing["results"] == [], "an unknown hash finds something")


@case(ACCOUNT, "a notification is taken once under its id; anything but its four members, or another content: refused")
def _notifications(scene: Scene) -> None:
    path = f"/accounts/{scene.target.account}/notifications"
    said = {"id": f"ntf_{secrets.token_hex(8)}", "kind": "chat.unread", "conversation": "cht_1", "count": 2}
    expect(scene.gateway.send("POST", path, said), 201, id=said["id"])
    again = scene.gateway.send("POST", path, said)
    expect(again, 200, id=said["id"])
    ensure(again.headers.get("idempotent-replay") == "true", "the answer sent again lacks Idempotent-Replay")
    expect_problem(scene.gateway.send("POST", path, {**said, "count": 3}), 409, "conflict")
    other = f"/accounts/{scene.target.other_account}/notifications"
    expect_problem(scene.gateway.send("POST", other, said), 409, "conflict")
    for bent in ({"text": "Hello"}, {"kind": "chat.text"}, {"count": 0}, {"conversation": ""}):
        fresh = {**said, "id": f"ntf_{secrets.token_hex(8)}", **bent}
        expect_problem(scene.gateway.send("POST", path, fresh), 400)
    expect_problem(scene.gateway.send("POST", "/accounts/acc_nobody/notifications", said), 404)


@case(ENROLMENT, "options: a challenge of the exchange's own, the portal's host, user verification")
def _options(scene: Scene) -> None:
    target = scene.target
    first, second = (scene.begin(target.account, target.customer)["options"] for _ in range(2))
    ensure(first["challenge"] != second["challenge"] and len(first["challenge"]) >= 22, "the challenge is no fresh one")
    ensure(first["rp"]["id"] == target.rp_id, f"rp.id {target.rp_id} expected")
    selection = first.get("authenticatorSelection", {})
    ensure(selection.get("userVerification") == "required", "user verification has to be required")
    ensure(selection.get("residentKey") in {"preferred", "required"}, "a resident key has to be preferred")


@case(ENROLMENT, "another customer of a bound account: 409 customer_mismatch")
def _other_customer(scene: Scene) -> None:
    path = f"/accounts/{scene.target.account}/factors/options"
    answer = scene.gateway.send("POST", path, {"pharos_customer": scene.target.other_customer})
    expect_problem(answer, 409, "customer_mismatch")


@case(ENROLMENT, "a response without user verification, of another origin or challenge: refused")
def _bent(scene: Scene) -> None:
    target = scene.target
    evil = "https://evil.example"
    for bent in ({"verified": False}, {"origin": evil}):
        begun = scene.begin(target.account, target.customer)
        response = Passkey(target.rp_id, target.origin).create(begun["options"], **bent)
        _refused(scene, begun["registration_id"], response, str(bent.get("origin", "")))
        if "origin" in bent:
            _refused(scene, begun["registration_id"], response, "")
    begun, other = (scene.begin(target.account, target.customer) for _ in range(2))
    _refused(scene, begun["registration_id"], Passkey(target.rp_id, target.origin).create(other["options"]), "")
    begun = scene.begin(target.account, target.customer)
    _refused(scene, begun["registration_id"], Passkey("evil.example", target.origin).create(begun["options"]), "")


@case(ENROLMENT, "a registration is good once, and for its own account")
def _once(scene: Scene) -> None:
    target = scene.target
    begun = scene.begin(target.account, target.customer)
    response = Passkey(target.rp_id, target.origin).create(begun["options"])
    answer = scene.finish(target.other_account, begun["registration_id"], response)
    ensure(400 <= answer.status < 500, f"on another account: {answer.status}")
    made = expect(scene.finish(target.account, begun["registration_id"], response), 201)
    needed = {"factor_id", "credential_id", "public_key", "sign_count", "aaguid", "device_type", "backed_up"}
    ensure(made.keys() >= needed, f"lacks {', '.join(sorted(needed - made.keys()))}")
    _refused(scene, begun["registration_id"], response, "")


def _refused(scene: Scene, registration_id: str, response: dict[str, object], origin: str) -> None:
    answer = scene.finish(scene.target.account, registration_id, response, origin)
    ensure(400 <= answer.status < 500, f"4xx expected, {answer.status} came")
