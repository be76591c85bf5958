"""Signing in: a password opens a half-way state only; the second factor opens the session.

The half-way state lives in the anonymous Django session: until `finish` nobody is authenticated.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import Staff
from core import audit, clock
from core.audit import ANONYMOUS
from security import selectors
from security.models import StaffSession, TotpDevice
from security.services import passkeys, recovery_codes, sessions, staff_announcements, totp
from security.services.staff_announcements import What
from security.services.totp import Verdict

HALF_WAY = "sign_in"
CEREMONY = "sign_in_ceremony"
HALF_WAY_LIFE = timedelta(minutes=10)
METHODS = StaffSession.Method


class Begun(Enum):
    """Where a password leads."""

    REFUSED = "refused"
    LOCKED = "locked"
    PASSKEY = "passkey"
    SECOND_FACTOR = "second_factor"
    ENROL = "enrol"


def begin(request: HttpRequest, *, email: str, password: str, next_path: str = "") -> Begun:
    """Check a password and remember, in the session only, who is half-way in.

    The same work is done for addresses that nobody has (attacks E4). django-axes counts wrong
    passwords by address and IP, for known and unknown addresses alike.
    """
    address = email.strip().lower()
    person = authenticate(request, email=address, password=password)
    is_locked = bool(getattr(request, "axes_locked_out", False))
    # The page of this view answers, not the plain text of axes' middleware.
    request.axes_locked_out = False  # type: ignore[attr-defined]
    if not isinstance(person, Staff):
        known = Staff.objects.filter(email=address).values_list("public_id", flat=True).first()
        audit.record_now(
            "sign_in.failed",
            actor=ANONYMOUS,
            obj=("staff", known) if known else None,
            detail={"factor": "password", "is_locked": is_locked},
        )
        return Begun.LOCKED if is_locked else Begun.REFUSED
    return start(request, person=person, next_path=next_path)


def start(request: HttpRequest, *, person: Staff, next_path: str = "") -> Begun:
    """Put a person half-way in after a proven password or invitation, under a new session key.

    Whoever has a passkey is asked for it first; whoever has no confirmed authenticator either must set one up before
    anything else.
    """
    request.session.cycle_key()
    request.session[HALF_WAY] = {
        "staff": person.pk,
        "password": person.get_session_auth_hash(),
        "epoch": person.session_epoch,
        "at": clock.now().isoformat(),
        "next": next_path,
    }
    if selectors.has_passkey(person):
        return Begun.PASSKEY
    if TotpDevice.objects.filter(staff=person, confirmed_at__isnull=False).exists():
        return Begun.SECOND_FACTOR
    totp.enrol(person=person)
    return Begun.ENROL


def person_half_way(request: HttpRequest) -> Staff | None:
    """Return who has proven a password in this browser within ten minutes; None once anything about them changed."""
    state = request.session.get(HALF_WAY)
    if not state or clock.now() - datetime.fromisoformat(state["at"]) > HALF_WAY_LIFE:
        return None
    person = Staff.objects.filter(pk=state["staff"], is_active=True, session_epoch=state["epoch"]).first()
    if person is None or not constant_time_compare(state["password"], person.get_session_auth_hash()):
        return None
    return person


def next_path(request: HttpRequest) -> str:
    """Return where the person was going, as given to `begin`."""
    return str((request.session.get(HALF_WAY) or {}).get("next", ""))


def finish(request: HttpRequest, *, person: Staff, code: str, method: str = METHODS.TOTP) -> Verdict:
    """Check the second factor of the person half-way and open their session when it is right."""
    if method == METHODS.RECOVERY:
        verdict = recovery_codes.use(person=person, code=code)
    else:
        verdict = totp.verify(person=person, code=code)
    if verdict is Verdict.ACCEPTED:
        _open(request, person, method)
    elif verdict is not Verdict.AWAY:
        _record_failure(person, method, verdict)
    return verdict


def begin_passkey(request: HttpRequest, *, person: Staff) -> Mapping[str, Any]:
    """Return what the browser of the person half-way needs for their passkey; the challenge is this browser's alone.

    Raises RefusedError for people without one, VerifierAwayError.
    """
    begun = passkeys.begin_proof(person=person)
    request.session[CEREMONY] = begun.ceremony
    return begun.options


def finish_passkey(request: HttpRequest, *, person: Staff, response: str) -> Verdict:
    """Have the passkey of the person half-way compared, and open their session when it is right."""
    proof = passkeys.prove(person=person, ceremony=str(request.session.pop(CEREMONY, "")), response=response)
    if proof.verdict is Verdict.ACCEPTED:
        _open(request, person, METHODS.WEBAUTHN)
    elif proof.verdict is not Verdict.AWAY:
        _record_failure(person, METHODS.WEBAUTHN, proof.verdict)
    return proof.verdict


def finish_enrolment(request: HttpRequest, *, person: Staff, code: str) -> tuple[Verdict, list[str]]:
    """Confirm a new authenticator, open the session, and return the recovery codes, readable only now."""
    verdict = totp.confirm(person=person, code=code)
    if verdict is not Verdict.ACCEPTED:
        if verdict is not Verdict.AWAY:
            _record_failure(person, METHODS.TOTP, verdict)
        return verdict, []
    with transaction.atomic():
        audit.record("totp.enrolled", actor=person.actor, obj=("staff", person.public_id))
        staff_announcements.tell(person=person, what=What.AUTHENTICATOR_SET_UP)
        codes = recovery_codes.renew(person=person)
        _open(request, person, METHODS.TOTP)
    return verdict, codes


def _open(request: HttpRequest, person: Staff, method: str) -> None:
    request.session.pop(HALF_WAY, None)
    sessions.open_session(request=request, person=person, method=method)


def _record_failure(person: Staff, method: str, verdict: Verdict) -> None:
    audit.record_now(
        "sign_in.failed",
        actor=ANONYMOUS,
        obj=("staff", person.public_id),
        detail={"factor": str(method), "is_locked": verdict is Verdict.LOCKED},
    )
    if verdict is Verdict.LOCKED:
        staff_announcements.tell_of_attempts(person=person)
