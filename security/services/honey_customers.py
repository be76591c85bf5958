"""Watched customers: nobody has a reason to look at them, and compliance alone knows who they are."""

from django.db import transaction

from accounts.models import Customer, Staff
from core import audit
from security.models import HoneyCustomer


def watch(*, customer: Customer, by: Staff) -> None:
    """Let any reveal of this customer be an alarm."""
    with transaction.atomic():
        _row, is_new = HoneyCustomer.objects.get_or_create(customer=customer, defaults={"set_by": by})
        if is_new:
            audit.record("customer.watched", actor=by.actor, obj=("customer", customer.public_id))


def unwatch(*, customer: Customer, by: Staff) -> None:
    """Let it be an alarm no more."""
    with transaction.atomic():
        gone, _of_each = HoneyCustomer.objects.filter(customer=customer).delete()
        if gone:
            audit.record("customer.unwatched", actor=by.actor, obj=("customer", customer.public_id))
