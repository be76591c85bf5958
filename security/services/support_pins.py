"""The support PIN: six digits on a signed-in customer's page that open a conversation by phone, and prove nothing more.

Each follows from a session and a minute (an HMAC under a key of its own), counts for that minute and the next, once. It
is kept nowhere, logged nowhere, and never told to a person: a keypad hears it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts.models import Customer
from core import audit
from core.clock import from_now, now
from security.models import CustomerSession, SupportPinTries, SupportPinUse
from security.models.support_pin import MOST_WRONG

DIGITS: Final = 6
WINDOW_S: Final = 60
# The minute that it is shown in, and the next: two minutes at most.
WINDOWS_ACCEPTED: Final = 2
LOCKED_FOR: Final = timedelta(minutes=15)
# A customer's number on the phone: eight digits that follow from their row, and one that finds slips.
NUMBER_DIGITS: Final = 9
_SIZE: Final = 10 ** (NUMBER_DIGITS - 1)
_STEP: Final = 61_803_399


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of a customer shows: who they are on the phone, and what proves it now."""

    number: str
    pin: str
    changes_in_s: int


def current(*, session: CustomerSession) -> Shown:
    """Return the number of a session's customer and the PIN of this minute; nothing is written."""
    at = now()
    pin = _pin(session.public_id, _window(at))
    return Shown(number_of(session.customer_id), pin, WINDOW_S - int(at.timestamp()) % WINDOW_S)


def prove(*, number: str, pin: str) -> Customer | None:
    """Return the customer whose number and PIN these are, once; None for anything else.

    Five wrong ones lock a number for a quarter of an hour. Inside the caller's transaction.
    """
    customer = Customer.objects.filter(pk=_key_of(number)).first()
    if customer is None:
        return None
    with transaction.atomic():
        SupportPinTries.objects.bulk_create([SupportPinTries(customer=customer)], ignore_conflicts=True)
        tries = SupportPinTries.objects.select_for_update(no_key=True).get(customer=customer)
        at = now()
        if tries.locked_until is not None and tries.locked_until > at:
            return None
        if _is_right(customer, pin, at):
            SupportPinTries.objects.filter(customer=customer).update(wrong=0, locked_until=None)
            _record("support_pin.proven", customer)
            return customer
        wrong = tries.wrong + 1
        is_last = wrong >= MOST_WRONG
        SupportPinTries.objects.filter(customer=customer).update(
            wrong=0 if is_last else wrong, locked_until=from_now(LOCKED_FOR) if is_last else None
        )
        _record("support_pin.locked" if is_last else "support_pin.refused", customer)
    return None


def number_of(customer_pk: int) -> str:
    """Return a customer's number on the phone: no secret, and always the same."""
    head = f"{(customer_pk * _STEP + _shift()) % _SIZE:0{NUMBER_DIGITS - 1}d}"
    return head + str(-_sum_of(f"{head}0") % 10)


def _key_of(number: str) -> int:
    """Return whose number it is; 0 for none."""
    if len(number) != NUMBER_DIGITS or not (number.isascii() and number.isdecimal()) or _sum_of(number) % 10:
        return 0
    return (int(number[:-1]) - _shift()) * pow(_STEP, -1, _SIZE) % _SIZE


def _sum_of(digits: str) -> int:
    """Return the sum of ISO/IEC 7812-1, by which 10 divides a number without a slip of one digit or of neighbours."""
    doubled = [int(one) * (2 if place % 2 else 1) for place, one in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled)


def _is_right(customer: Customer, pin: str, at: datetime) -> bool:
    """Whether a living session shows this PIN, or did a minute ago, and nobody has used it."""
    window = _window(at)
    sessions = CustomerSession.objects.living().filter(customer=customer).values_list("public_id", flat=True)
    shown = [(session, window - before) for session in sessions for before in range(WINDOWS_ACCEPTED)]
    # Each is compared, whichever fits.
    right = [one for one in shown if hmac.compare_digest(_pin(*one).encode(), pin.encode())]
    if not right:
        return False
    digest = hmac.digest(settings.CONVERSATION_KEY, f"used pin {right[0]}".encode(), hashlib.sha256).hex()
    _use, is_first = SupportPinUse.objects.get_or_create(digest=digest, defaults={"customer": customer})
    return is_first


def _pin(session: str, window: int) -> str:
    digest = hmac.digest(settings.CONVERSATION_KEY, f"pin {session} {window}".encode(), hashlib.sha256)
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def _window(at: datetime) -> int:
    return int(at.timestamp()) // WINDOW_S


def _shift() -> int:
    digest = hmac.digest(settings.CONVERSATION_KEY, b"numbers on the phone", hashlib.sha256)
    return int.from_bytes(digest[:8], "big") % _SIZE


def _record(action: str, customer: Customer) -> None:
    audit.record(action, actor=audit.SYSTEM, obj=("customer", customer.public_id))
