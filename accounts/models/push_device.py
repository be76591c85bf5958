"""Devices: browsers of staff that show notifications while no page of ours is open (RFC 8030)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field


class PushDeviceQuerySet(models.QuerySet["PushDevice"]):
    """Adjectives of devices."""

    def living(self) -> Self:
        """Of people who may sign in, whose sessions were not all ended since, and not given up by its push service."""
        return self.filter(gone_at__isnull=True, staff__is_active=True, epoch=F("staff__session_epoch"))

    def gone(self) -> Self:
        """Those that nobody can reach any more."""
        return self.filter(gone_at__isnull=False)


class PushDevice(models.Model):
    """One browser of one person, as its push service knows it. What ends all their sessions ends it too."""

    public_id = public_id_field()
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_devices", db_index=False
    )
    # Of its person when it was turned on, as sessions remember theirs.
    epoch = models.PositiveIntegerField()
    # The session under which it was turned on or last seen, by its public id: signing out there ends it.
    session = models.CharField(max_length=20)
    # Whoever has the address may send to it, though nobody else can write what it opens.
    endpoint = EncryptedTextField()
    # SHA-256 of it: a browser is here once, and knows itself by that.
    digest = models.CharField(max_length=64, unique=True)
    # The browser's public key and its secret, both in base64url.
    browser_key = EncryptedTextField()
    auth = EncryptedTextField()
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    used_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)
    # Its push service said so (404, 410).
    gone_at = models.DateTimeField(null=True)

    objects = PushDeviceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_pushdevice_failed_whole",
                condition=Q(failed_at__isnull=True, failure="") | (Q(failed_at__isnull=False) & ~Q(failure="")),
            )
        ]
        indexes = [
            # a person's devices
            models.Index(fields=["staff", "created_at"], name="accounts_pushdevice_of"),
            # what is to be removed
            models.Index(fields=["gone_at"], name="accounts_pushdevice_gone", condition=Q(gone_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"device {self.public_id}"

    @classmethod
    def note_used(cls, pk: int) -> None:
        """Note that its push service has taken something just now."""
        cls._base_manager.filter(pk=pk).update(used_at=DatabaseNow())

    @classmethod
    def note_failed(cls, pk: int, why: str, *, is_gone: bool = False) -> None:
        """Note that its push service has not; one that is gone is told nothing from then on."""
        gone = {"gone_at": DatabaseNow()} if is_gone else {}
        cls._base_manager.filter(pk=pk).update(failed_at=DatabaseNow(), failure=why[:200], **gone)
