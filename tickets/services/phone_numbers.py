"""Numbers on which people of ours take calls: one counts once somebody there has typed what a screen shows."""

import hashlib
import hmac
from datetime import timedelta
from typing import Final

import phonenumbers
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Staff, StaffPhone
from core import audit, rate_limits
from core.clock import DatabaseNow, from_now
from tickets.models import NumberCheck, PhoneLine
from tickets.services import errors, phone_orders
from tickets.services.phone_turns import url_of

DIGITS: Final = 6
TRIES: Final = 5
LASTS: Final = timedelta(minutes=10)
CALLS_PER_MIN: Final = 3


def begin(*, person: Staff, number: str) -> NumberCheck:
    """Call a number that somebody says is theirs; the one they have had counts no more. Raises Refused."""
    line = PhoneLine.objects.filter(is_active=True).exclude(account_sid="").order_by("pk").first()
    if line is None:
        raise errors.Refused(_("There is no phone line that could call you."))
    read = _read(number)
    spent = rate_limits.spend(scope="number-check", who=person.public_id, limit=CALLS_PER_MIN)
    if spent is not None and spent.is_over:
        raise errors.Refused(_("That was too fast. Wait a minute, then go on."))
    with transaction.atomic():
        NumberCheck.objects.filter(staff=person).delete()
        check = NumberCheck.objects.create(staff=person, number=read, expires_at=from_now(LASTS))
        StaffPhone.objects.filter(staff=person).delete()
        audit.record("staff.number_given", actor=person.actor, obj=("staff", person.public_id), fields=["number"])
        phone_orders.place(line=line, number=read, url=url_of(line, "check", check=check.public_id))
    return check


def remove(*, person: Staff) -> None:
    """Take calls on no number any more."""
    with transaction.atomic():
        NumberCheck.objects.filter(staff=person).delete()
        StaffPhone.objects.filter(staff=person).delete()
        audit.record("staff.number_removed", actor=person.actor, obj=("staff", person.public_id), fields=["number"])


def settle(*, check: str, given: str) -> bool:
    """Whether what was typed there is what the screen shows; five tries, in constant time. Inside a transaction."""
    rows = NumberCheck.objects.select_for_update(of=("self",), no_key=True).select_related("staff")
    found = rows.filter(public_id=check, expires_at__gt=DatabaseNow(), tries__lt=TRIES).first()
    if found is None:
        return False
    NumberCheck.objects.filter(pk=found.pk).update(tries=F("tries") + 1)
    person = found.staff
    if not hmac.compare_digest(code_of(found), given):
        audit.record("staff.number_not_proven", actor=audit.SYSTEM, obj=("staff", person.public_id))
        return False
    StaffPhone.objects.create(staff=person, number=found.number)
    found.delete()
    audit.record("staff.number_proven", actor=audit.SYSTEM, obj=("staff", person.public_id), fields=["number"])
    return True


def code_of(check: NumberCheck) -> str:
    """Return what the screen of its person shows; it is kept nowhere."""
    digest = hmac.digest(settings.CONVERSATION_KEY, f"number {check.public_id}".encode(), hashlib.sha256)
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def _read(number: str) -> str:
    try:
        found = phonenumbers.parse(number[:40])
    except phonenumbers.NumberParseException:
        found = None
    if found is None or not phonenumbers.is_possible_number(found):
        raise errors.Refused(_("Write the number with its country: +4420…"))
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def of(person: Staff) -> str:
    """Return somebody's number that was checked; '' when they have none."""
    own = StaffPhone.objects.filter(staff=person).first()
    return own.number if own is not None else ""
