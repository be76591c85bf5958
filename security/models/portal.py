"""What customers say of actions, what they are told of them, and factors that the verifier has still to keep or end."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import public_id_field
from security.models.fund import FundAction


class ActionDenial(models.Model):
    """A customer's "this wasn't me": no execution of this action comes after it. migrations/customers/tables.sql."""

    action = models.OneToOneField(FundAction, primary_key=True, on_delete=models.PROTECT, related_name="denial")
    denied_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_actiondenial"

    def __str__(self) -> str:
        return f"denial of action {self.action_id}"


class ActionNotice(models.Model):
    """That a customer has been told one thing of one action: each at most once."""

    action = models.ForeignKey(
        FundAction, on_delete=models.PROTECT, related_name="notices", db_constraint=False, db_index=False
    )
    what = models.CharField(max_length=20)
    told_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "what"], name="security_actionnotice_once")]

    def __str__(self) -> str:
        return f"{self.what} of action {self.action_id}"


class FactorToKeep(models.Model):
    """A passkey that the exchange has accepted and the verifier has still to keep; the row goes when it has."""

    public_id = public_id_field()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="factors_to_keep")
    label = models.CharField(max_length=60, blank=True)
    # What the exchange answered: no secret is in it.
    exchange_id = models.CharField(max_length=120)
    credential_id = models.CharField(max_length=1400)
    public_key = models.CharField(max_length=3000)
    sign_count = models.BigIntegerField()
    device_type = models.CharField(max_length=20)
    accepted_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(name="security_factortokeep_counts", condition=Q(sign_count__gte=0)),
            models.UniqueConstraint(fields=["credential_id"], name="security_factortokeep_once"),
        ]

    def __str__(self) -> str:
        return f"passkey {self.public_id}"


class FactorsToEnd(models.Model):
    """That the exchange has let factors of a customer go, by an executed action: our copies are owed an end.

    The row is made with the exchange's answer (`owed_at`), and is done once the verifier has ended what was enrolled
    before it.
    """

    KINDS: ClassVar[frozenset[tuple[str, str]]] = frozenset({("mfa_reset", ""), ("factor_change", "remove")})

    action = models.OneToOneField(
        FundAction, primary_key=True, on_delete=models.PROTECT, related_name="factors_to_end", db_constraint=False
    )
    owed_at = models.DateTimeField(db_default=DatabaseNow())
    ended_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)

    class Meta:
        # the round, and the alarm: what is still owed
        indexes = [
            models.Index(fields=["owed_at"], condition=Q(ended_at__isnull=True), name="security_factorstoend_owed")
        ]

    def __str__(self) -> str:
        return f"factors let go by action {self.action_id}"

    @classmethod
    def owe(cls, action: FundAction) -> None:
        """Owe the end that an executed action asks for, if it is of such a kind; in the transaction of the answer."""
        if (action.kind, action.operation) in cls.KINDS:
            cls.objects.create(action=action)
