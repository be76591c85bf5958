"""What customers set for their own safety: the phrase in our mails, and the lock against support."""

from datetime import datetime

from django.db import connection, transaction

from accounts.models import Customer
from core import audit
from core.clock import DatabaseNow
from core.storable_text import storable
from security import selectors
from security.models import AntiPhishingPhrase, CustomerSession
from security.services import announcements, customer_sessions
from security.services.announcements import What

MAX_LOCK_DAYS = 365
# Of two settings at once the later end stays, and no writing of ours ever shortens one: triggers refuse it anyway.
SET_LOCK = """
INSERT INTO security_supportlock (customer_id, until) VALUES (%s, core.clock() + make_interval(days => %s))
ON CONFLICT (customer_id) DO UPDATE SET until = EXCLUDED.until WHERE EXCLUDED.until > security_supportlock.until
RETURNING until
"""


class NotShorter(Exception):
    """The lock holds longer already."""


def set_phrase(*, customer: Customer, phrase: str) -> None:
    """Keep the customer's own words; the mail that tells of it carries the former ones, which they know."""
    words = " ".join(storable(phrase).split())
    with transaction.atomic():
        former = selectors.anti_phishing_phrase(customer)
        if former == words:
            return
        AntiPhishingPhrase.objects.update_or_create(
            customer=customer,
            defaults={"phrase": words, "set_at": DatabaseNow()},
            create_defaults={"phrase": words},
        )
        audit.record(
            "customer.phrase_set",
            actor=customer.actor,
            obj=("customer", customer.public_id),
            fields=["anti_phishing_phrase"],
        )
        announcements.tell(customer=customer, what=What.PHRASE_SET, former_phrase=former)


def lock_support(*, customer: Customer, days: int) -> datetime:
    """Let support change nothing for so many days (1 to 365) from now; return until when.

    Raises NotShorter when the lock that stands ends later.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SET_LOCK, [customer.pk, min(max(days, 1), MAX_LOCK_DAYS)])
            row = cursor.fetchone()
        if row is None:
            raise NotShorter
        audit.record(
            "customer.support_locked",
            actor=customer.actor,
            obj=("customer", customer.public_id),
            fields=["support_lock"],
            detail={"days": days},
        )
        announcements.tell(customer=customer, what=What.LOCKED)
    until: datetime = row[0]
    return until


def sign_out_elsewhere(*, session: CustomerSession) -> int:
    """End every other session of this session's customer and tell them; return how many were open."""
    customer = session.customer
    with transaction.atomic():
        ended = customer_sessions.end_all(
            customer=customer, reason="signed_out_elsewhere", actor=customer.actor, keep=session
        )
        if ended:
            announcements.tell(customer=customer, what=What.SIGNED_OUT)
    return ended
