"""Customers' own factors: passkeys, which the exchange enrols and the verifier keeps, and an authenticator app.

A factor is added by somebody whom the exchange has just signed in with two factors, counts for funds 72 hours later
(the database sees to that), and is told to every proven address. Removing one is an action: not here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction

from accounts.models import Customer, ExchangeAccount
from core import audit, clock
from core.storable_text import storable
from security import selectors, verifier_client
from security.exchange import client
from security.exchange.client import Answer, ExchangeAway
from security.models import CustomerFactor, CustomerSession, FactorToKeep
from security.services import announcements
from security.services.announcements import What
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError

FRESH = timedelta(minutes=10)
AGREES_WITHIN = timedelta(seconds=10)
MFA = "mfa"
MAX_FACTORS = 10
MAX_LABEL = 60
MAX_RESPONSE = 32_768
ISSUER = "Pharos"
SALT = "pharos.customer-code"
BATCH = 20
CREATED, CONFLICT = 201, 409
KEPT = ("credential_id", "public_key", "device_type")


class Why(StrEnum):
    """Why no factor was added."""

    NOT_FRESH = "not_fresh"  # the sign-in at the exchange is more than ten minutes old
    NO_MFA = "no_mfa"  # it was by one factor
    FROZEN = "frozen"
    TOO_MANY = "too_many"
    PASSKEY_FIRST = "passkey_first"
    EXCHANGE_AWAY = "exchange_away"
    VERIFIER_AWAY = "verifier_away"
    MISMATCH = "mismatch"  # the exchange has bound this account to another customer of ours
    KNOWN = "known"
    REFUSED = "refused"
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"
    EXPIRED = "expired"


class NotEnrolledError(Exception):
    """No factor was added; `why` says which sentence tells it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class PasskeyBegun:
    """What the exchange issued: the name of the registration, and what the browser is given."""

    registration: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CodeBegun:
    """A secret that is shown once, and the sealed name of its ceremony."""

    ceremony: str
    secret: str
    uri: str


def obstacle(*, session: CustomerSession, method: str = "webauthn") -> Why | None:
    """Return why this session may not add a factor now; None when it may."""
    # Clocks of two houses differ by seconds.
    if not -AGREES_WITHIN <= clock.now() - session.auth_time <= FRESH:
        return Why.NOT_FRESH
    if MFA not in session.amr:
        return Why.NO_MFA
    customer = session.customer
    if selectors.freeze_of(customer) is not None:
        return Why.FROZEN
    living = CustomerFactor.objects.filter(customer=customer, end__isnull=True)
    if living.count() >= MAX_FACTORS:
        return Why.TOO_MANY
    # Only the enrolment of a passkey binds the account at the exchange to this customer, without which it does nothing.
    if method == "totp" and not living.filter(method="webauthn").exists():
        return Why.PASSKEY_FIRST
    return None


def begin_passkey(*, session: CustomerSession) -> PasskeyBegun:
    """Have the exchange issue a challenge. Raises NotEnrolledError."""
    _admit(session)
    if verifier_client.complaint():
        raise NotEnrolledError(Why.VERIFIER_AWAY)
    answer = _ask(session.customer, "/options", {"pharos_customer": str(session.customer.pk)})
    registration, options = answer.body.get("registration_id"), answer.body.get("options")
    if not isinstance(registration, str) or not isinstance(options, dict):
        raise NotEnrolledError(Why.REFUSED)
    return PasskeyBegun(registration, options)


def finish_passkey(*, session: CustomerSession, registration: str, response: str, label: str) -> bool:
    """Give the browser's answer to the exchange, and what it accepted to the verifier. Raises NotEnrolledError.

    False: the exchange has accepted it and the verifier is away; it is asked again until it has kept the passkey.
    """
    _admit(session)
    given = {"registration_id": registration, "response": _read(response), "origin": settings.SITE_URL}
    answer = _ask(session.customer, "", given)
    if answer.status != CREATED or not all(isinstance(answer.body.get(name), str) for name in ("factor_id", *KEPT)):
        raise NotEnrolledError(Why.REFUSED)
    made = answer.body
    try:
        with transaction.atomic():
            row = FactorToKeep.objects.create(
                customer=session.customer,
                label=_label(label),
                exchange_id=made["factor_id"],
                sign_count=int(made.get("sign_count", 0)),
                **{name: made[name] for name in KEPT},
            )
            _record("customer.factor_accepted", session.customer, {"method": "webauthn"})
    except IntegrityError as error:
        raise NotEnrolledError(Why.KNOWN) from error
    return keep(row=row)


def keep(*, row: FactorToKeep) -> bool:
    """Have the verifier keep what the exchange accepted, and tell of it; False while the verifier is away.

    One that it refuses is told of, too. Raises NotEnrolledError then.
    """
    customer = row.customer
    given = {name: getattr(row, name) for name in (*KEPT, "sign_count", "label", "exchange_id")}
    try:
        found = verifier_client.ask("customer.passkey.keep", customer=customer.pk, **given)
    except VerifierAwayError:
        return False
    except RefusedError as refused:
        with transaction.atomic():
            # The exchange has it, we have not: its owner hears of it wherever they are by now.
            if FactorToKeep.objects.filter(pk=row.pk).delete()[0]:
                _record("customer.factor_not_kept", customer, {"code": refused.code.value})
                announcements.tell(customer=customer, what=What.PASSKEY_NOT_KEPT)
        raise NotEnrolledError(Why.REFUSED) from refused
    with transaction.atomic():
        # Of two that come at once, one tells.
        if FactorToKeep.objects.filter(pk=row.pk).delete()[0]:
            _tell(customer, What.PASSKEY_ADDED, found["factor"])
    return True


def keep_waiting(*, limit: int = BATCH) -> int:
    """Ask the verifier again for what waits; return how many it has kept."""
    kept = 0
    for row in FactorToKeep.objects.select_related("customer").order_by("pk")[:limit]:
        try:
            if not keep(row=row):
                break
            kept += 1
        except NotEnrolledError:
            continue
    return kept


def begin_code(*, session: CustomerSession) -> CodeBegun:
    """Have the verifier make a secret for an authenticator app; shown once. Raises NotEnrolledError."""
    _admit(session, method="totp")
    customer = session.customer
    begun = _verifier("code.begin", person=f"customer:{customer.pk}", name=customer.name or ISSUER, issuer=ISSUER)
    sealed = signing.Signer(salt=SALT).sign_object([customer.public_id, begun["ceremony"]])
    return CodeBegun(sealed, begun["secret"], begun["uri"])


def finish_code(*, session: CustomerSession, ceremony: str, code: str) -> None:
    """Keep the secret when its first code is right; a wrong one uses it up. Raises NotEnrolledError."""
    _admit(session, method="totp")
    customer = session.customer
    try:
        public_id, begun = signing.Signer(salt=SALT).unsign_object(ceremony)
    except (signing.BadSignature, ValueError) as error:
        raise NotEnrolledError(Why.EXPIRED) from error
    if public_id != customer.public_id:
        raise NotEnrolledError(Why.EXPIRED)
    found = _verifier("code.finish", ceremony=begun, code=code)
    with transaction.atomic():
        _tell(customer, What.CODE_ADDED, found["factor"])


def _admit(session: CustomerSession, method: str = "webauthn") -> None:
    why = obstacle(session=session, method=method)
    if why is not None:
        _record("customer.factor_refused", session.customer, {"reason": why.value})
        raise NotEnrolledError(why)


def _ask(customer: Customer, path: str, body: Mapping[str, Any]) -> Answer:
    """Ask the exchange about factors of this customer's account."""
    account = ExchangeAccount.objects.filter(customer=customer).first()
    if account is None:
        raise NotEnrolledError(Why.REFUSED)
    try:
        answer = client.post(f"/accounts/{account.account_id}/factors{path}", body)
    except ExchangeAway as away:
        raise NotEnrolledError(Why.EXCHANGE_AWAY) from away
    if answer.is_good:
        return answer
    code = str(answer.body.get("code", ""))
    _record("customer.factor_refused", customer, {"reason": f"exchange: {code or answer.status}"[:80]})
    known = {"customer_mismatch": Why.MISMATCH, "credential_known": Why.KNOWN, "frozen": Why.FROZEN}
    raise NotEnrolledError(known.get(code, Why.EXPIRED if code == "registration" else Why.REFUSED))


def _verifier(operation: str, **given: str) -> dict[str, Any]:
    try:
        return verifier_client.ask(operation, **given)
    except VerifierAwayError as away:
        raise NotEnrolledError(Why.VERIFIER_AWAY) from away
    except RefusedError as refused:
        known = {Code.REFUSED: Why.WRONG_CODE, Code.LOCKED: Why.LOCKED, Code.EXPIRED: Why.EXPIRED}
        raise NotEnrolledError(known.get(refused.code, Why.REFUSED)) from refused


def _read(response: str) -> dict[str, Any]:
    """Return the browser's answer as JSON; the exchange judges it."""
    try:
        found = json.loads(response) if len(response) <= MAX_RESPONSE else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotEnrolledError(Why.REFUSED)
    return found


def _label(text: str) -> str:
    return " ".join(storable(text).split())[:MAX_LABEL]


def _tell(customer: Customer, what: What, factor: str) -> None:
    method = "webauthn" if what is What.PASSKEY_ADDED else "totp"
    _record("customer.factor_added", customer, {"method": method, "factor": factor})
    announcements.tell(customer=customer, what=what)


def _record(what: str, customer: Customer, detail: Mapping[str, str]) -> None:
    audit.record(what, actor=customer.actor, obj=("customer", customer.public_id), detail=dict(detail))
