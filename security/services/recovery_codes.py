"""Recovery codes: ten single-use stand-ins for a lost authenticator, kept as keyed hashes."""

import hmac
import secrets

from django.db import transaction

from accounts.models import Staff
from core import audit
from core.clock import DatabaseNow
from security import digests
from security.models import RecoveryCode
from security.services import staff_announcements, totp
from security.services.staff_announcements import What
from security.services.totp import Verdict

COUNT = 10
# 31 signs without look-alikes; twenty-four of them are 118 bits, enough for a hash without stretching (ASVS 6.5.2).
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 24
GROUP = 4


def renew(*, person: Staff) -> list[str]:
    """Replace all of a person's codes and return the new ones: the only time they can be read."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT)]
    with transaction.atomic():
        RecoveryCode.objects.filter(staff=person).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(staff=person, digest=_digest(person, code)) for code in codes)
        audit.record("recovery_codes.renewed", actor=person.actor, obj=("staff", person.public_id))
    return ["-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP)) for code in codes]


def renew_own(*, person: Staff) -> list[str]:
    """Do the same at the wish of somebody signed in, who is told by mail."""
    with transaction.atomic():
        codes = renew(person=person)
        staff_announcements.tell(person=person, what=What.CODES_RENEWED)
    return codes


def use(*, person: Staff, code: str) -> Verdict:
    """Spend one code. A wrong one counts against the same five tries as the authenticator's."""
    if not totp.count_attempt(person=person):
        return Verdict.LOCKED
    given = _digest(person, code)
    # Every unused digest is compared, so that the time tells nothing of which one was close.
    matching = [
        pk
        for pk, digest in RecoveryCode.objects.filter(staff=person, used_at__isnull=True).values_list("pk", "digest")
        if hmac.compare_digest(digest, given)
    ]
    spent = RecoveryCode.objects.filter(pk__in=matching, used_at__isnull=True).update(used_at=DatabaseNow())
    if spent != 1:
        return Verdict.REFUSED
    totp.forgive(person=person)
    return Verdict.ACCEPTED


def remove(*, person: Staff) -> None:
    """Forget a person's codes, for a new start by invitation."""
    RecoveryCode.objects.filter(staff=person).delete()


def _digest(person: Staff, code: str) -> str:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return digests.keyed("recovery code", person.public_id, plain)
