"""Second factors of staff."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import DatabaseNow
from core.crypto import EncryptedTextField


class TotpDevice(models.Model):
    """One person's authenticator as the desk knows it: whether it is set up, and tries (at recovery codes, too).

    `secret` is there while it is being set up, and '' once the verifier keeps it: secrets of former releases move with
    the person's next right code. `last_step` is the newest step accepted.
    """

    staff = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="totp")
    secret = EncryptedTextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=-1)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(name="security_totp_five_tries", condition=Q(failures__lte=5)),
        ]

    def __str__(self) -> str:
        return f"TOTP of {self.staff_id}"


class RecoveryCode(models.Model):
    """One single-use recovery code, kept only as a keyed hash."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "digest"], name="security_recoverycode_once")]

    def __str__(self) -> str:
        return f"recovery code of {self.staff_id}"
