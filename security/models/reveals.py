"""Reveals of customers' data, and refused ones: SQL decides and writes (migrations/reveals.sql), the models read."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import public_id_field

# As core.reveal() has them; here for the page that says what is left.
PER_HOUR, HOUR = 5, timedelta(hours=1)
PER_DAY, DAY = 25, timedelta(hours=24)


class Reveal(models.Model):
    """One field of one customer that somebody of ours was shown in full, for which ticket, and why."""

    class Field(models.TextChoices):
        """What of a customer can be revealed."""

        EMAIL = "email", _("Email")
        PHONE = "phone", _("Phone")
        HANDLE = "handle", _("Social")
        ACCOUNT = "account", _("Account at the exchange")

    class Reason(models.TextChoices):
        """What it is needed for; their own words say more."""

        CALL = "call", _("I have to call them")
        WRITE = "write", _("I have to write to them")
        COMPARE = "compare", _("I compare it with what they say")
        EXCHANGE = "exchange", _("The exchange asks for it")
        OTHER = "other", _("Something else")

    public_id = public_id_field()
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reveals")
    session_id = models.BigIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="reveals")
    ticket_id = models.BigIntegerField()
    field = models.CharField(max_length=8, choices=Field.choices)
    address_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    words = models.CharField(max_length=300)
    revealed_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_reveal"

    def __str__(self) -> str:
        return f"reveal {self.public_id}"


class RevealRefusal(models.Model):
    """One reveal that the database refused, and why."""

    class Why(models.TextChoices):
        """What stood against it."""

        FOREIGN = "foreign", _("That is nothing of this ticket's customer.")
        UNASSIGNED = "unassigned", _("The ticket is not assigned to you. Asking is noted.")
        CLOSED = "closed", _("The ticket is not open.")
        HOUR = "hour", _("You have used up what you may reveal within an hour.")
        DAY = "day", _("You have used up what you may reveal within a day.")

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    ticket_id = models.BigIntegerField(null=True)
    why = models.CharField(max_length=10, choices=Why.choices)
    refused_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_revealrefusal"

    def __str__(self) -> str:
        return f"refused reveal {self.pk}"


class HoneyCustomer(models.Model):
    """One customer whom nobody has a reason to look at, as compliance has said; a reveal of theirs is an alarm."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True, related_name="+")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return f"honey customer {self.customer_id}"
