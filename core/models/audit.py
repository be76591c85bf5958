"""The audit chain's rows. Python only reads them: core.audit_append() and core.audit_seal() write."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.clock import DatabaseNow


class AuditEntry(models.Model):
    """One thing somebody did, saw or was denied. Ids and field names only, never personal values."""

    class ActorKind(models.TextChoices):
        """Who acted."""

        STAFF = "staff"
        CUSTOMER = "customer"
        SYSTEM = "system"
        TOKEN = "token"  # noqa: S105 -- a kind of actor
        ANONYMOUS = "anonymous"

    at = models.DateTimeField(db_default=DatabaseNow())
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    fields = ArrayField(models.CharField(max_length=80), default=list)
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(
                name="core_auditentry_actor_kind_known",
                condition=models.Q(actor_kind__in=["staff", "customer", "system", "token", "anonymous"]),
            )
        ]
        indexes = [
            # an object's history
            models.Index(fields=["object_kind", "object_id", "id"], name="core_audit_object"),
            # what one person did
            models.Index(fields=["actor_kind", "actor_id", "id"], name="core_audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} #{self.pk}"


class AuditPending(models.Model):
    """An entry that waits for the sealer; the row goes when it is chained."""

    entry = models.OneToOneField(AuditEntry, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False)

    def __str__(self) -> str:
        return f"pending #{self.pk}"


class AuditSeal(models.Model):
    """One link of the chain: sha256 over the previous link's hash and the whole entry."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.DO_NOTHING, related_name="seal", db_constraint=False)
    prev = models.BinaryField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return f"seal {self.seq}"
