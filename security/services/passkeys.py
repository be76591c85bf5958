"""Passkeys of staff: proving oneself with one, adding another, ending one. The verifier keeps and compares them.

Each change ends the person's other sessions where it takes something away, and is told to them by mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import Staff
from core import audit
from core.audit import Actor
from security import selectors, verifier_client
from security.models import StaffFactor, StaffSession
from security.models.fund import Method
from security.services import sessions, staff_announcements
from security.services.staff_announcements import What
from security.services.totp import Proof, Verdict, verdict_of
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError

LABEL_MAX = 60


class LastPasskeyError(Exception):
    """The only passkey is not ended by its owner: a code alone would open the account from then on."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the verifier began, and what the browser is given for it."""

    ceremony: str
    options: Mapping[str, Any]


def begin_proof(*, person: Staff) -> Begun:
    """Challenge a person who has a passkey. Raises RefusedError for others, VerifierAwayError."""
    if not selectors.has_passkey(person):
        raise RefusedError(Code.NO_FACTOR, "This person has no passkey.")
    begun = verifier_client.ask("staff.sign_in.begin", staff=person.pk)
    return Begun(begun["ceremony"], begun["options"])


def prove(*, person: Staff, ceremony: str, response: str) -> Proof:
    """Have the answer compared; each is counted against the person's five before it is."""
    try:
        found = verifier_client.ask("staff.sign_in.finish", ceremony=ceremony, response=response)
    except RefusedError as refused:
        return Proof(verdict_of(refused))
    except VerifierAwayError:
        return Proof(Verdict.AWAY)
    if found["staff"] != person.pk:
        return Proof(Verdict.REFUSED)
    return Proof(Verdict.ACCEPTED, found["voucher"])


def begin_adding(*, person: Staff) -> Begun:
    """Begin a new passkey. Raises VerifierAwayError."""
    begun = verifier_client.ask("staff.passkey.begin", staff=person.pk, name=person.email)
    audit.record("passkey.enrolment_started", actor=person.actor, obj=("staff", person.public_id))
    return Begun(begun["ceremony"], begun["options"])


def add(*, person: Staff, ceremony: str, response: str, label: str, voucher: str) -> Verdict:
    """Keep a new passkey, vouched for by a proof of an earlier one where there is one."""
    given = {"ceremony": ceremony, "response": response, "label": label[:LABEL_MAX], "voucher": voucher}
    try:
        found = verifier_client.ask("staff.passkey.finish", **given)
    except RefusedError as refused:
        return verdict_of(refused)
    except VerifierAwayError:
        return Verdict.AWAY
    detail = {"factor": found["factor"], "is_device_bound": found["is_device_bound"]}
    with transaction.atomic():
        audit.record("passkey.enrolled", actor=person.actor, obj=("staff", person.public_id), detail=detail)
        staff_announcements.tell(person=person, what=What.PASSKEY_ADDED, label=label)
    return Verdict.ACCEPTED


def end(*, session: StaffSession, public_id: str) -> bool:
    """End one of one's own passkeys, and every other session; False when there is no such passkey.

    Raises LastPasskeyError, and VerifierAwayError, which leaves everything as it was.
    """
    person = session.staff
    with transaction.atomic():
        # Of two at once, the second sees that only one is left.
        Staff.objects.select_for_update(no_key=True).get(pk=person.pk)
        living = list(StaffFactor.objects.living().passkeys().filter(staff=person))
        found = next((factor for factor in living if factor.public_id == public_id), None)
        if found is None:
            return False
        if len(living) == 1:
            raise LastPasskeyError
        _record_end(person, found, person.actor)
        staff_announcements.tell(person=person, what=What.PASSKEY_ENDED, label=found.label)
        sessions.end_others(session=session, reason="passkey_ended", actor=person.actor)
        _end(person, found)
    return True


def end_all(*, person: Staff, actor: Actor) -> int:
    """End all of a person's passkeys, and their sessions, because they are lost or stolen; return how many there were.

    A passkey that is made afterwards proves nothing for funds on its first day. Raises VerifierAwayError.
    """
    with transaction.atomic():
        Staff.objects.select_for_update(no_key=True).get(pk=person.pk)
        living = list(StaffFactor.objects.living().passkeys().filter(staff=person))
        _end_these(person, living, actor, What.PASSKEYS_ENDED)
    return len(living)


def start_anew(*, person: Staff, actor: Actor) -> None:
    """End every factor that the verifier keeps of a person, codes included, and their sessions. Raises as `end_all`."""
    with transaction.atomic():
        Staff.objects.select_for_update(no_key=True).get(pk=person.pk)
        living = list(StaffFactor.objects.living().filter(staff=person).order_by("pk"))
        _end_these(person, living, actor, What.FACTORS_ENDED)


def _end_these(person: Staff, living: list[StaffFactor], actor: Actor, what: What) -> None:
    if not living:
        return
    for factor in living:
        _record_end(person, factor, actor)
    staff_announcements.tell(person=person, what=what)
    sessions.end_all(person=person, reason="factors_ended", actor=actor)
    for factor in living:
        _end(person, factor)


def _record_end(person: Staff, factor: StaffFactor, actor: Actor) -> None:
    action = "passkey.ended" if factor.method == Method.WEBAUTHN else "totp.ended"
    audit.record(action, actor=actor, obj=("staff", person.public_id), detail={"factor": factor.public_id})


def _end(person: Staff, factor: StaffFactor) -> None:
    verifier_client.ask("factor.end", person=f"staff:{person.pk}", factor=factor.public_id)
