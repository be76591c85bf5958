"""The audit chain's rows. Python only reads them: core.audit_append() and core.audit_seal() write."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow


class AuditEntry(models.Model):
    """One thing somebody did, saw or was denied. Ids and field names only, never personal values."""

    class ActorKind(models.TextChoices):
        """Who acted."""

        STAFF = "staff", _("Staff")
        CUSTOMER = "customer", _("Customer")
        SYSTEM = "system", _("Pharos itself")
        TOKEN = "token", _("API token")
        ANONYMOUS = "anonymous", _("Not signed in")

    at = models.DateTimeField(_("time"), db_default=DatabaseNow())
    actor_kind = models.CharField(_("kind of actor"), max_length=10, choices=ActorKind.choices)
    actor_id = models.CharField(_("actor"), max_length=64, blank=True)
    action = models.CharField(_("action"), max_length=80)
    object_kind = models.CharField(_("kind of object"), max_length=40, blank=True)
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    fields = ArrayField(models.CharField(max_length=80), verbose_name=_("fields"), default=list)
    detail = models.JSONField(_("details"), default=dict)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
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
            # the alarm about many tickets that one person opened within a day
            models.Index(
                fields=["at", "actor_id", "object_id"],
                name="core_audit_viewed",
                condition=models.Q(action="ticket.viewed"),
            ),
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
