"""What staff prove themselves with, as the desk reads it, and what the verifier alone reads: migrations/verifier/."""

from typing import Self

from django.conf import settings
from django.db import models

from core.clock import DatabaseNow
from core.ids import public_id_field
from security.models.fund import CustomerFactor, Method


class StaffFactorQuerySet(models.QuerySet["StaffFactor"]):
    """Adjectives of factors."""

    def living(self) -> Self:
        """That have not ended."""
        return self.filter(end__isnull=True)

    def passkeys(self) -> Self:
        """Of the method webauthn, the oldest first."""
        return self.filter(method=Method.WEBAUTHN).order_by("pk")

    def codes(self) -> Self:
        """Of the method totp."""
        return self.filter(method=Method.TOTP)


class StaffFactor(models.Model):
    """A factor of a member of staff. `is_device_bound`: a passkey that cannot leave its device."""

    public_id = public_id_field()
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="factors")
    method = models.CharField(max_length=10, choices=Method.choices)
    label = models.CharField(max_length=60, blank=True)
    is_device_bound = models.BooleanField()
    enrolled_at = models.DateTimeField(db_default=DatabaseNow())
    counts_from = models.DateTimeField(db_default=DatabaseNow())

    objects = StaffFactorQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "security_stafffactor"

    def __str__(self) -> str:
        return f"{self.method} {self.public_id}"


class StaffFactorEnd(models.Model):
    """From then on a factor of staff proves nothing."""

    factor = models.OneToOneField(StaffFactor, primary_key=True, on_delete=models.PROTECT, related_name="end")
    ended_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_stafffactorend"

    def __str__(self) -> str:
        return f"end of factor {self.factor_id}"


class FactorSecret(models.Model):
    """The secret or the public key of one factor; no role but the verifier's reads it."""

    staff_factor = models.OneToOneField(StaffFactor, null=True, on_delete=models.PROTECT, related_name="+")
    customer_factor = models.OneToOneField(CustomerFactor, null=True, on_delete=models.PROTECT, related_name="+")
    secret = models.TextField(blank=True)
    last_step = models.BigIntegerField(default=-1)
    credential_id = models.BinaryField(null=True)
    public_key = models.BinaryField(null=True)
    sign_count = models.BigIntegerField(default=0)
    may_be_copied = models.BooleanField(null=True)

    class Meta:
        managed = False
        db_table = "security_factorsecret"

    def __str__(self) -> str:
        return f"secret {self.pk}"


class ProofLock(models.Model):
    """Wrong answers of one person, over all their factors."""

    person = models.TextField(primary_key=True)
    failures = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "security_prooflock"

    def __str__(self) -> str:
        return f"answers of {self.person}"


class Ceremony(models.Model):
    """An enrolment or a sign-in that was begun and is not finished."""

    public_id = models.TextField(primary_key=True)
    person = models.TextField()
    purpose = models.TextField()
    secret = models.TextField(blank=True)
    challenge = models.BinaryField(null=True)
    begun_at = models.DateTimeField(db_default=DatabaseNow())
    proven_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "security_ceremony"

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"
