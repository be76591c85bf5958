"""Changing one's own passkeys while signed in: prove yourself, then five minutes to add or end one.

With a passkey that one has; with the authenticator's code by those who have none yet. What was proven lives in the
Django session, which has a new key from then on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from accounts.models import Staff
from core import audit, clock
from security import selectors
from security.models import StaffSession
from security.services import passkeys, sessions, totp
from security.services.totp import Verdict

PROVING, ADDING, PROVEN = "passkey_proving", "passkey_adding", "passkey_proven"
# As long as the verifier takes the voucher of a proof.
PROOF_LIFE = timedelta(minutes=5)


class NotProvenError(Exception):
    """Nothing is changed without a proof of the last five minutes in this browser."""


def begin_proof(request: HttpRequest, *, person: Staff) -> Mapping[str, Any]:
    """Return what the browser needs. Raises RefusedError for people without a passkey, VerifierAwayError."""
    begun = passkeys.begin_proof(person=person)
    request.session[PROVING] = begun.ceremony
    return begun.options


def prove(request: HttpRequest, *, session: StaffSession, response: str = "", code: str = "") -> Verdict:
    """Check a passkey's answer, or the code of somebody who has no passkey yet."""
    person = session.staff
    if selectors.has_passkey(person):
        proof = passkeys.prove(person=person, ceremony=str(request.session.pop(PROVING, "")), response=response)
    else:
        proof = totp.prove(person=person, code=code)
    verdict = proof.verdict
    if verdict is Verdict.ACCEPTED:
        sessions.renew_key(request=request, session=session)
        request.session[PROVEN] = {"voucher": proof.voucher, "at": clock.now().isoformat()}
    elif verdict is not Verdict.AWAY:
        _record_failure(person, verdict)
    return verdict


def is_proven(request: HttpRequest) -> bool:
    """Whether this browser may change passkeys now."""
    state = request.session.get(PROVEN)
    return state is not None and clock.now() - datetime.fromisoformat(state["at"]) < PROOF_LIFE


def begin_adding(request: HttpRequest, *, person: Staff) -> Mapping[str, Any]:
    """Return what the browser needs for a new passkey. Raises NotProvenError, VerifierAwayError."""
    _require_proof(request)
    begun = passkeys.begin_adding(person=person)
    request.session[ADDING] = begun.ceremony
    return begun.options


def add(request: HttpRequest, *, person: Staff, response: str, label: str) -> Verdict:
    """Keep the new passkey; the proof is used up with it. Raises NotProvenError."""
    _require_proof(request)
    verdict = passkeys.add(
        person=person,
        ceremony=str(request.session.pop(ADDING, "")),
        response=response,
        label=label,
        voucher=request.session[PROVEN]["voucher"],
    )
    if verdict is Verdict.ACCEPTED:
        del request.session[PROVEN]
    return verdict


def end(request: HttpRequest, *, session: StaffSession, public_id: str) -> bool:
    """End one; False when there is none of this id. Raises NotProvenError, LastPasskeyError, VerifierAwayError."""
    _require_proof(request)
    return passkeys.end(session=session, public_id=public_id)


def _require_proof(request: HttpRequest) -> None:
    if not is_proven(request):
        raise NotProvenError


def _record_failure(person: Staff, verdict: Verdict) -> None:
    audit.record_now(
        "passkey.proof_failed",
        actor=person.actor,
        obj=("staff", person.public_id),
        detail={"is_locked": verdict is Verdict.LOCKED},
    )
