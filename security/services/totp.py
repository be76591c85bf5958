"""TOTP second factor (RFC 6238, six digits, 30 s): enrolment and checking.

The step is the one that the database's clock is in: never a later one, never the one before.
Attempts are counted on a connection of their own and committed before anything is compared, so
that neither a caller's rollback nor 200 guesses at once buys a sixth try.
"""

import hmac
from dataclasses import dataclass
from enum import Enum

import pyotp
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import Staff
from core import audit
from core.crypto import decrypt
from core.own_connection import own_cursor
from security.models import TotpDevice

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
RETURNING secret, last_step, floor(extract(epoch FROM core.clock()) / %(step_s)s)::bigint
"""
# `last_step` decides again here: of two right codes at once, one is accepted.
ACCEPT_CODE = """
UPDATE security_totpdevice SET
    failures = 0, locked_until = NULL, last_step = %(step)s, confirmed_at = coalesce(confirmed_at, core.clock())
WHERE staff_id = %(staff)s AND secret = %(secret)s AND last_step < %(step)s
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
    return _check(person, code, is_confirmed=False)


def verify(*, person: Staff, code: str) -> Verdict:
    """Check a code: right for the current step, and that step newer than any accepted before."""
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


def remove(*, person: Staff) -> None:
    """Forget a person's factor, for a new start by invitation; the caller ends the sessions and records why."""
    TotpDevice.objects.filter(staff=person).delete()


def _check(person: Staff, code: str, *, is_confirmed: bool) -> Verdict:
    with own_cursor() as cursor:
        counted = _count(cursor, person, is_confirmed=is_confirmed)
        if counted is None:
            return Verdict.LOCKED
        secret, last_step, step = counted
        is_right = hmac.compare_digest(pyotp.TOTP(decrypt(secret)).generate_otp(step), _digits(code))
        if not is_right or step <= last_step:
            return Verdict.REFUSED
        cursor.execute(ACCEPT_CODE, {"staff": person.pk, "secret": secret, "step": step})
        return Verdict.ACCEPTED if cursor.rowcount == 1 else Verdict.REFUSED


def _count(cursor: CursorWrapper, person: Staff, *, is_confirmed: bool) -> tuple[str, int, int] | None:
    """Count the attempt, committed; return (stored secret, last accepted step, current step), None when locked."""
    cursor.execute(
        COUNT_ATTEMPT,
        {
            "staff": person.pk,
            "is_confirmed": is_confirmed,
            "tries": TRIES,
            "minutes": LOCK_MIN,
            "step_s": STEP_S,
        },
    )
    row: tuple[str, int, int] | None = cursor.fetchone()
    return row


def _digits(code: str) -> str:
    """Return the code without the spaces people type; anything but ASCII cannot be compared and is nobody's code."""
    stripped = "".join(code.split())
    return stripped if stripped.isascii() else ""
