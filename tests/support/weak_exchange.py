"""Exchanges that lack checks, to show that the conformance command notices each; named by WEAKNESSES, with commas."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import jwt
from webauthn.helpers import parse_authenticator_data
from webauthn.helpers.base64url_to_bytes import base64url_to_bytes

from sandbox import actions, back_channel, factors, hand_off, kinds, pharos
from sandbox.actions import Core
from sandbox.hand_off import Exchanging
from sandbox.kinds import Ask
from sandbox.notifications import Notifier
from sandbox.pharos import Attestation, Bearer
from sandbox.wsgi import application


class WithoutSignature(Core):
    def assertion(self, factor: sqlite3.Row, proof: Mapping[str, str], challenge: bytes) -> int:
        return parse_authenticator_data(base64url_to_bytes(proof["authenticator_data"])).sign_count


class WithoutCounter(Core):
    def assertion(self, factor: sqlite3.Row, proof: Mapping[str, str], challenge: bytes) -> int:
        return super().assertion({**factor, "sign_count": 0}, proof, challenge)  # type: ignore[arg-type]


class WithoutHash(Core):
    def hash_holds(self, body: Mapping[str, Any]) -> str:
        return str(body["hash"])


class WithoutBinding(Core):
    def customer_is_bound(self, ask: Ask, customer_id: str) -> None:
        pass


class WithoutFreeze(Core):
    def account_may_act(self, ask: Ask) -> None:
        pass


class WithoutMethodLimits(Core):
    def method_reaches(self, ask: Ask, method: str) -> None:
        pass


class WithoutComparingBodies(Core):
    def fingerprint(self, body: Mapping[str, Any]) -> str:
        return "same"


class WithoutKeepingAnswers(Core):
    def execute(self, work: sqlite3.Connection, action_id: str, body: Mapping[str, Any]) -> actions.Answer:
        work.execute("PRAGMA foreign_keys = OFF")
        work.execute("DELETE FROM entry WHERE action_id = ?", (action_id,))
        work.execute("DELETE FROM answer WHERE action_id = ?", (action_id,))
        return super().execute(work, action_id, body)


class StaleIsFine(Attestation):
    def is_fresh(self, verified_at: datetime) -> None:
        pass


class AboutAnything(Attestation):
    def is_about(self, claims: Mapping[str, Any], *, action_id: str, digest: str, proof: Mapping[str, Any]) -> None:
        pass


class AnyRequest(Bearer):
    def is_for(self, claims: Mapping[str, Any], *, method: str, target: str, body: bytes) -> None:
        pass


class ManyTimes(Bearer):
    def once(self, connection: sqlite3.Connection, claims: Mapping[str, Any]) -> None:
        pass


class Nobody(Bearer):
    def check(self, connection: sqlite3.Connection, *, header: str, method: str, target: str, body: bytes) -> None:
        pass


class AnyVerifier(Exchanging):
    def verifier_fits(self, verifier: str, challenge: str) -> bool:
        return True


class CodesForEver(Exchanging):
    def taken(self, work: sqlite3.Connection, code: str) -> sqlite3.Row | None:
        found: sqlite3.Row | None = work.execute(
            "SELECT * FROM hand_off WHERE code_hash = ?", (hand_off.hashed(code),)
        ).fetchone()
        return found


class NotifiesAgain(Notifier):
    def take(self, work: sqlite3.Connection, account_id: str, body: Mapping[str, Any]) -> bool:
        work.execute("DELETE FROM notification WHERE id = ?", (body.get("id", ""),))
        return super().take(work, account_id, body)


def unverified(token: str, *, typ: str, prefix: str, issuer: str, needed: list[str]) -> dict[str, Any]:
    """Read a token without verifying its signature: what `alg: none` relies on."""
    claims: dict[str, Any] = jwt.decode(
        token, options={"verify_signature": False, "require": needed}, audience=None, leeway=pharos.SKEW_S
    )
    return claims


def everything_goes(work: sqlite3.Connection, account_id: str, factor_id: str, action_id: str) -> None:
    """Remove a factor because somebody asked."""
    work.execute("DELETE FROM factor WHERE account_id = ? AND factor_id = ?", (account_id, factor_id))


def weaken_reading() -> None:
    pharos.read = unverified


def weaken_removal() -> None:
    factors.remove = everything_goes


def weaken_limits() -> None:
    kinds.KINDS["balance_adjustment"] = kinds.Kind(
        lambda work, ask, reference: None, has_amount=True, has_subject=True, has_operation=True
    )


def core(kind: type[Core]) -> Callable[[], None]:
    # Several at once are one kind that lacks all of their checks.
    return lambda: setattr(back_channel, "CORE", type("Weak", (kind, type(back_channel.CORE)), {})())


def attestation(kind: type[Attestation]) -> Callable[[], None]:
    return lambda: setattr(Core, "attestation", type("Weak", (kind, type(Core.attestation)), {})())


def bearer(kind: type[Bearer]) -> Callable[[], None]:
    return lambda: setattr(back_channel, "BEARER", type("Weak", (kind, type(back_channel.BEARER)), {})())


def exchanging(kind: type[Exchanging]) -> Callable[[], None]:
    return lambda: setattr(back_channel, "EXCHANGING", type("Weak", (kind, type(back_channel.EXCHANGING)), {})())


WEAKNESSES: dict[str, Callable[[], None]] = {
    "signature": core(WithoutSignature),
    "counter": core(WithoutCounter),
    "hash": core(WithoutHash),
    "binding": core(WithoutBinding),
    "freeze": core(WithoutFreeze),
    "method": core(WithoutMethodLimits),
    "bodies": core(WithoutComparingBodies),
    "answers": core(WithoutKeepingAnswers),
    "fresh": attestation(StaleIsFine),
    "about": attestation(AboutAnything),
    "request": bearer(AnyRequest),
    "once": bearer(ManyTimes),
    "bearer": bearer(Nobody),
    "tokens": weaken_reading,
    "removal": weaken_removal,
    "limits": weaken_limits,
    "pkce": exchanging(AnyVerifier),
    "codes": exchanging(CodesForEver),
    "notices": lambda: setattr(back_channel, "NOTIFIER", NotifiesAgain()),
}

for name in os.environ["WEAKNESSES"].split(","):
    WEAKNESSES[name]()
__all__ = ["application"]
