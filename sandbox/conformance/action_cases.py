"""Executing actions: once, as proven, and every refusal."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from sandbox.conformance.case import (
    Scene,
    case,
    ensure,
    expect,
    expect_executed,
    expect_problem,
    expect_refused,
    proven,
)
from sandbox.conformance.gateway import Action

GROUP = "actions"
PROOF = "customer's proof"
FREEZE = "freeze"
FACTORS = "factors"
DUPLICATES = 24
HUGE = "99999999999999999999.000000000000000000"
MUCH = "1000000.000000000000000000"
EVIL = "https://evil.example"


@case(GROUP, "proven by passkey: executed, and found again")
def _executed(scene: Scene) -> None:
    action = scene.action()
    body = expect_executed(scene, action)
    found = scene.gateway.send("GET", f"/actions/{action.id}")
    expect(found, 200, outcome="executed", reference=body["reference"], at=body["at"])


@case(GROUP, "proven by a code, small: executed")
def _totp(scene: Scene) -> None:
    expect_executed(scene, replace(scene.gateway.action(), method="totp"))


@case(GROUP, "sent again: the recorded answer, marked, whatever the spacing")
def _again(scene: Scene) -> None:
    action = scene.action()
    sent = scene.gateway.body(action)
    path = f"/actions/{action.id}"
    first = scene.gateway.send("POST", path, sent)
    expect(first, 200, outcome="executed")
    ensure("idempotent-replay" not in first.headers, "the first answer says that it is a replay")
    for raw in (json.dumps(sent).encode(), json.dumps(sent, indent=2).encode()):
        again = scene.gateway.send("POST", path, raw)
        ensure((again.status, again.json()) == (200, first.json()), "another answer")
        ensure(again.headers.get("idempotent-replay") == "true", "Idempotent-Replay is missing")


@case(GROUP, f"{DUPLICATES} at once under one id: one effect, one answer")
def _at_once(scene: Scene) -> None:
    action = scene.action()
    sent = scene.gateway.body(action)
    with ThreadPoolExecutor(DUPLICATES) as pool:
        answers = list(pool.map(lambda _: scene.gateway.send("POST", f"/actions/{action.id}", sent), range(DUPLICATES)))
    ensure({answer.status for answer in answers} == {200}, f"statuses {sorted({a.status for a in answers})}")
    ensure(len({answer.json()["reference"] for answer in answers}) == 1, "several references")
    firsts = [answer for answer in answers if "idempotent-replay" not in answer.headers]
    ensure(len(firsts) == 1, f"{len(firsts)} of them were executed")


@case(GROUP, "the same id with another body: 409, and the first answer stays")
def _conflict(scene: Scene) -> None:
    action = scene.action()
    body = expect_executed(scene, action)
    for other in (action.having(amount=MUCH), action.having(customer_id=scene.target.other_customer)):
        expect_problem(scene.gateway.execute(other), 409, "conflict")
    expect(scene.gateway.send("GET", f"/actions/{action.id}"), 200, reference=body["reference"])


@case(GROUP, "an unknown account: 404, not recorded; an unknown id: 404")
def _unknown(scene: Scene) -> None:
    action = replace(scene.action(), account="acc_nobody")
    expect_problem(scene.gateway.execute(action), 404)
    expect_problem(scene.gateway.send("GET", f"/actions/{action.id}"), 404)


@case(GROUP, "a malformed body: 400, not recorded")
def _malformed(scene: Scene) -> None:
    action = scene.action()
    whole = scene.gateway.body(action)
    path = f"/actions/{action.id}"
    bent: list[dict[str, Any] | bytes] = [
        whole | {"action": action.fields | {"amount": "2.5"}},
        whole | {"action": action.fields | {"amount": "-" + scene.target.amount}},
        whole | {"action": action.fields | {"public_id": "act_another"}},
        whole | {"action": {name: text for name, text in action.fields.items() if name != "tag"}},
        {name: value for name, value in whole.items() if name != "attestation"},
        b"{",
        b"[]",
    ]
    for body in bent:
        expect_problem(scene.gateway.send("POST", path, body), 400)
    expect_problem(scene.gateway.send("GET", path), 404)


@case(GROUP, "an unknown kind: unknown_kind")
def _kind(scene: Scene) -> None:
    expect_refused(scene, scene.action(kind="gift"), "unknown_kind")


@case(GROUP, "more than there is or may leave: limits or balance")
def _huge(scene: Scene) -> None:
    expect_refused(scene, scene.action(operation="debit", amount=HUGE), "limits", "balance")


@case(GROUP, "an impossible destination: destination")
def _destination(scene: Scene) -> None:
    action = scene.action(kind="refund", operation="", network="bitcoin", destination="nowhere at all")
    expect_refused(scene, action, "destination")


@case(GROUP, "a code for much: limits")
def _totp_much(scene: Scene) -> None:
    expect_refused(scene, replace(scene.gateway.action(amount=MUCH), method="totp"), "limits")


@case(GROUP, "a review of documents for money: limits")
def _manual(scene: Scene) -> None:
    expect_refused(scene, replace(scene.gateway.action(), method="manual"), "limits")


@case(GROUP, "a hash of other fields: hash")
def _hash(scene: Scene) -> None:
    expect_refused(scene, replace(scene.action(), digest="0" * 64), "hash")


@case(GROUP, "another customer than the account's: customer_mismatch")
def _customer(scene: Scene) -> None:
    expect_refused(scene, scene.action(customer_id=scene.target.other_customer), "customer_mismatch")


@case(GROUP, "of another account, as its customer: signature")
def _account(scene: Scene) -> None:
    target = scene.target
    action = scene.gateway.action(account=target.other_account, customer=target.other_customer)
    expect_refused(scene, proven(action, scene.passkey), "signature")


@case(PROOF, "signed by a stranger under the passkey's id: signature")
def _stranger(scene: Scene) -> None:
    expect_refused(scene, proven(scene.action(), scene.passkey.stranger()), "signature")


@case(PROOF, "signed for another amount, destination or check: signature")
def _other_amount(scene: Scene) -> None:
    action = scene.action()
    others = (action.having(amount=MUCH), action.having(destination="elsewhere"), replace(action, check_id="chk_other"))
    for other in others:
        again = scene.action()
        expect_refused(scene, replace(again, signed_for=replace(other, nonce=again.nonce)), "signature")


@case(PROOF, "without user verification: signature")
def _unverified(scene: Scene) -> None:
    _bent(scene, verified=False)


@case(PROOF, "made on another origin: signature")
def _origin(scene: Scene) -> None:
    _bent(scene, origin=EVIL)


@case(PROOF, "made for another relying party: signature")
def _rp_id(scene: Scene) -> None:
    _bent(scene, rp_id="evil.example")


@case(PROOF, "made at an enrolment: signature")
def _create(scene: Scene) -> None:
    _bent(scene, kind="webauthn.create")


@case(PROOF, "a sign count that grows is taken; one that stays or goes back: signature")
def _count(scene: Scene) -> None:
    passkey = scene.enrol(scene.target.account, scene.target.customer, counts=True)
    passkey.count = 8
    for _ in range(2):
        expect_executed(scene, proven(scene.gateway.action(), passkey))
    for back in (1, 5):
        passkey.count -= back
        expect_refused(scene, proven(scene.gateway.action(), passkey), "signature")
        passkey.count = 10


def _bent(scene: Scene, **signing: object) -> None:
    expect_refused(scene, replace(scene.action(), signing=tuple(signing.items())), "signature")


@case(FREEZE, "freezing is idempotent, and shown")
def _freeze(scene: Scene) -> None:
    target = scene.target
    path = f"/accounts/{target.other_account}"
    order = {"reason": "conformance", "source": "conformance"}
    first = expect(scene.gateway.send("POST", f"{path}/freeze", order), 200)
    ensure(bool(first.get("frozen_at")), "frozen_at is needed")
    expect(scene.gateway.send("POST", f"{path}/freeze", order), 200, frozen_at=first["frozen_at"])
    expect(scene.gateway.send("GET", path), 200, state="frozen", frozen_at=first["frozen_at"])


@case(FREEZE, "a frozen account: frozen, whatever is proven")
def _frozen(scene: Scene) -> None:
    expect_refused(scene, _of_other(scene, scene.gateway.action()), "frozen")
    expect_refused(scene, replace(_of_other(scene, scene.gateway.action()), method="totp"), "frozen")


@case(FREEZE, "an unproven unfreezing: refused")
def _unproven(scene: Scene) -> None:
    action = _of_other(scene, scene.gateway.bare("unfreeze"))
    expect_refused(scene, proven(action, scene.other_passkey.stranger()), "signature")
    expect_refused(scene, replace(_of_other(scene, scene.gateway.bare("unfreeze")), method="totp"), "limits")


@case(FREEZE, "a proven unfreezing is executed; the account acts again")
def _unfreeze(scene: Scene) -> None:
    expect_executed(scene, _of_other(scene, scene.gateway.bare("unfreeze")))
    expect(scene.gateway.send("GET", f"/accounts/{scene.target.other_account}"), 200, state="active", frozen_at=None)
    expect_executed(scene, _of_other(scene, scene.gateway.action()))


def _of_other(scene: Scene, action: Action) -> Action:
    moved = replace(action.having(customer_id=scene.target.other_customer), account=scene.target.other_account)
    return proven(moved, scene.other_passkey)


@case(FACTORS, "a factor goes by an executed action only: 403 otherwise")
def _remove(scene: Scene) -> None:
    target = scene.target
    passkey = scene.enrol(target.account, target.customer)
    path = f"/accounts/{target.account}/factors/{passkey.factor_id}"
    expect_problem(scene.gateway.send("DELETE", path), 403)
    credit = scene.action()
    expect_executed(scene, credit)
    expect_problem(scene.gateway.send("DELETE", f"{path}?action={credit.id}"), 403)
    other = scene.gateway.bare("factor_change", operation="remove", subject=passkey.factor_id)
    expect_refused(scene, proven(other, passkey.stranger()), "signature")
    expect_problem(scene.gateway.send("DELETE", f"{path}?action={other.id}"), 403)
    removal = proven(scene.gateway.bare("factor_change", operation="remove", subject=passkey.factor_id), scene.passkey)
    expect_executed(scene, removal)
    for _ in range(2):
        expect(scene.gateway.send("DELETE", f"{path}?action={removal.id}"), 204)
    expect_refused(scene, proven(scene.gateway.action(), passkey), "signature")
