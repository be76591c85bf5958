"""Keys that clients give to creating requests, with the answer that was given."""

from django.db import models

from core.clock import DatabaseNow


class IdempotencyKey(models.Model):
    """One `Idempotency-Key` of one actor: the same key again gets the same answer and changes nothing."""

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    response_status = models.PositiveSmallIntegerField(null=True)
    response_body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="core_idempotencykey_once")]
        # the sweep of keys past their life
        indexes = [models.Index(fields=["created_at"], name="core_idempotency_age")]

    def __str__(self) -> str:
        return f"{self.actor} {self.created_at:%F %T}"
