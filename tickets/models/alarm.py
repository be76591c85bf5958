"""Alarms: what is wrong with the system itself, told to the people who run it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import DatabaseNow
from core.ids import public_id_field


class AlarmQuerySet(models.QuerySet["Alarm"]):
    """Adjectives of alarms."""

    def going_on(self) -> Self:
        """What is wrong now, whether it has been wrong long enough to be an alarm or not."""
        return self.filter(closed_at__isnull=True)

    def open(self) -> Self:
        """What is wrong now and has been for long enough."""
        return self.going_on().filter(opened_at__isnull=False)

    def unattended(self) -> Self:
        """What nobody has taken care of yet."""
        return self.filter(acknowledged_at__isnull=True)


class Alarm(models.Model):
    """One trouble from when it was noticed until it healed; `kind` is the id of a section in docs/operations.md.

    It opens when it has been seen without a break for as long as its kind says; what heals sooner leaves no row.
    """

    public_id = public_id_field()
    kind = models.CharField(max_length=40)
    # Which one, where there are several: the slug of a mailbox, the place that is full.
    about = models.CharField(max_length=80, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    noticed_at = models.DateTimeField(db_default=DatabaseNow())
    seen_at = models.DateTimeField(db_default=DatabaseNow())
    opened_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = AlarmQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="tickets_alarm_once", fields=["kind", "about"], condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_alarm_closed_was_open", condition=Q(closed_at__isnull=True) | Q(opened_at__isnull=False)
            ),
            models.CheckConstraint(
                name="tickets_alarm_acknowledged_by_somebody",
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
        ]
        # the history, newest first; when the same was last told
        indexes = [
            models.Index(fields=["-opened_at"], name="tickets_alarm_history"),
            models.Index(fields=["kind", "about", "-told_at"], name="tickets_alarm_told"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}".strip()
