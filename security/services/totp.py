"""TOTP second factor of staff (RFC 6238, six digits, 30 s): the verifier keeps the secrets and compares the codes.

The desk shows a secret that is being set up, and hands it over with its first right code. Before anything is asked, an
attempt is counted here on a connection of its own, committed, so that neither a caller's rollback nor 200 guesses at
once buys a sixth try: codes, recovery codes and passwords share the five. The verifier counts codes for itself as well.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pyotp
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import Staff
from core import audit
from core.crypto import decrypt
from core.own_connection import own_cursor
from security import verifier_client
from security.models import StaffFactor, TotpDevice
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError

STEP_S = 30
TRIES = 5
LOCK_MIN = 15
ISSUER = "Pharos"

# One UPDATE locks the row (FOR NO KEY UPDATE), reads the lock and counts: those who wait for it re-read its WHERE.
COUNT_ATTEMPT = """
UPDATE security_totpdevice SET
    failures = CASE WHEN failures >= %(tries)s THEN 1 ELSE failures + 1 END,
    locked_until = CASE WHEN failures + 1 = %(tries)s THEN core.clock() + make_interval(mins => %(minutes)s) END
WHERE staff_id = %(staff)s
  AND (confirmed_at IS NOT NULL) = %(is_confirmed)s
  AND (locked_until IS NULL OR locked_until <= core.clock())
RETURNING secret, last_step
"""
# From then on the secret is the verifier's alone. The step is kept for telling when a next code will be taken.
ACCEPTED = """
UPDATE security_totpdevice SET
    failures = 0, locked_until = NULL, last_step = %(step)s, secret = '',
    confirmed_at = coalesce(confirmed_at, core.clock())
WHERE staff_id = %(staff)s
"""
FORGIVE = "UPDATE security_totpdevice SET failures = 0, locked_until = NULL WHERE staff_id = %(staff)s"

TAKE_BACK = """
UPDATE security_totpdevice SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE staff_id = %(staff)s
"""


class Verdict(Enum):
    """What became of one attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOCKED = "locked"
    AWAY = "away"  # nobody can compare it now: nothing was counted as wrong


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of an answer; the voucher of an accepted one vouches for another factor within five minutes."""

    verdict: Verdict
    voucher: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An unconfirmed secret, for showing: base32 text and the otpauth:// URI of the QR code."""

    secret: str
    uri: str


def enrol(*, person: Staff) -> None:
    """Give a person without a working factor a fresh secret."""
    with transaction.atomic():
        fresh = pyotp.random_base32()
        renewed = TotpDevice.objects.filter(staff=person, confirmed_at__isnull=True).update(secret=fresh)
        if not renewed:
            _, renewed = TotpDevice.objects.get_or_create(staff=person, defaults={"secret": fresh})
        if renewed:
            audit.record("totp.enrolment_started", actor=person.actor, obj=("staff", person.public_id))


def enrolment(*, person: Staff) -> Enrolment | None:
    """Return the secret being set up; None once it is confirmed: a working secret is never shown again."""
    device = TotpDevice.objects.filter(staff=person, confirmed_at__isnull=True).first()
    if device is None:
        return None
    uri = pyotp.TOTP(device.secret).provisioning_uri(name=person.email, issuer_name=ISSUER)
    return Enrolment(secret=device.secret, uri=uri)


def confirm(*, person: Staff, code: str) -> Verdict:
    """Finish enrolment with a first right code."""
    return _check(person, code, is_confirmed=False).verdict


def verify(*, person: Staff, code: str) -> Verdict:
    """Check a code: right for the current step, and that step newer than any accepted before."""
    return prove(person=person, code=code).verdict


def prove(*, person: Staff, code: str) -> Proof:
    """Check a code; the proof of somebody without a passkey vouches for their first one."""
    return _check(person, code, is_confirmed=True)


def count_attempt(*, person: Staff) -> bool:
    """Count one try at a second factor that is not a code (a recovery code); False while the person is locked."""
    with own_cursor() as cursor:
        return _count(cursor, person, is_confirmed=True) is not None


def forgive(*, person: Staff) -> None:
    """Set the count back after another second factor was accepted."""
    with own_cursor() as cursor:
        cursor.execute(FORGIVE, {"staff": person.pk})


def take_back(*, person: Staff) -> None:
    """Take one counted attempt back, because it was right; earlier wrong ones stay counted."""
    with own_cursor() as cursor:
        cursor.execute(TAKE_BACK, {"staff": person.pk})


def verdict_of(refused: RefusedError) -> Verdict:
    """Return what a refusal of the verifier's means to the person."""
    return Verdict.LOCKED if refused.code is Code.LOCKED else Verdict.REFUSED


def remove(*, person: Staff) -> None:
    """Forget that there was one, for a new start; what the verifier keeps is ended with the person's other factors."""
    TotpDevice.objects.filter(staff=person).delete()


def _check(person: Staff, code: str, *, is_confirmed: bool) -> Proof:
    with own_cursor() as cursor:
        counted = _count(cursor, person, is_confirmed=is_confirmed)
        if counted is None:
            return Proof(Verdict.LOCKED)
        try:
            found = _ask(person, code, *counted)
        except RefusedError as refused:
            return Proof(verdict_of(refused))
        except VerifierAwayError:
            cursor.execute(TAKE_BACK, {"staff": person.pk})
            return Proof(Verdict.AWAY)
        cursor.execute(ACCEPTED, {"staff": person.pk, "step": found["step"]})
        if is_confirmed and counted[0]:
            audit.record_now("totp.moved", actor=person.actor, obj=("staff", person.public_id), fields=["secret"])
        return Proof(Verdict.ACCEPTED, found["voucher"])


def _ask(person: Staff, code: str, secret: str, last_step: int) -> dict[str, Any]:
    """Have the code compared; a secret that is still here goes to the verifier with its first right code."""
    if not secret or StaffFactor.objects.living().codes().filter(staff=person).exists():
        return verifier_client.ask("staff.code.verify", staff=person.pk, code=code)
    shown = decrypt(secret)
    return verifier_client.ask("staff.code.keep", staff=person.pk, secret=shown, last_step=last_step, code=code)


def _count(cursor: CursorWrapper, person: Staff, *, is_confirmed: bool) -> tuple[str, int] | None:
    """Count the attempt, committed; return (stored secret, '' once moved; last accepted step), None when locked."""
    cursor.execute(
        COUNT_ATTEMPT,
        {
            "staff": person.pk,
            "is_confirmed": is_confirmed,
            "tries": TRIES,
            "minutes": LOCK_MIN,
        },
    )
    row: tuple[str, int] | None = cursor.fetchone()
    return row
