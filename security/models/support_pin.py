"""The support PIN that the portal shows: what was typed wrong, and what is used up. The PIN itself is kept nowhere."""

from django.db import models
from django.db.models import Q

from accounts.models import Customer
from core.clock import DatabaseNow

MOST_WRONG = 5


class SupportPinTries(models.Model):
    """How often somebody has typed a wrong PIN for one customer; with the fifth nobody may for a while."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True, related_name="+")
    wrong = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="security_supportpin_wrong_bounded", condition=Q(wrong__lt=MOST_WRONG))
        ]

    def __str__(self) -> str:
        return f"PIN tries for customer {self.customer_id}"


class SupportPinUse(models.Model):
    """One PIN that has proven somebody: it proves nobody a second time."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return f"used PIN of customer {self.customer_id}"
