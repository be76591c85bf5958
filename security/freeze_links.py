"""Signed links in security mails: one opens a page on which a customer freezes their account without signing in."""

from datetime import timedelta

from django.core import signing
from django.urls import reverse

from accounts.models import Customer
from core import clock
from security.models import Freeze

SALT = "pharos.freeze"
LIFE = timedelta(days=14)
ROUTE = "portal:freeze_by_link"


def path_for(customer: Customer) -> str:
    """Return the path of a link that freezes this customer, good for two weeks of the database."""
    begins = round(clock.now().timestamp(), 3)
    return reverse(ROUTE, args=[signing.Signer(salt=SALT).sign_object([customer.public_id, begins])])


def customer_of(token: str) -> Customer | None:
    """Return whom a link freezes; None when it is forged, too old, or older than the end of their last freeze.

    Somebody with an old mail cannot freeze anew whom the full proof has just unfrozen.
    """
    try:
        public_id, begins = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    age_s = clock.now().timestamp() - float(begins)
    if not -1 <= age_s <= LIFE.total_seconds():
        return None
    customer = Customer.objects.filter(public_id=public_id).first()
    thawed = Freeze.objects.filter(customer=customer, unfrozen_at__isnull=False).first() if customer else None
    if thawed is not None and thawed.unfrozen_at is not None and thawed.unfrozen_at.timestamp() > float(begins):
        return None
    return customer
