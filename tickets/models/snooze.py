"""Snoozed cases: put out of sight until a time, with a reason."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.ticket import Ticket

LONGEST_REASON = 200
LONGEST = timedelta(days=366)


class WokenBy(models.TextChoices):
    """Why a case came back."""

    TIME = "time", _("Its time came")
    CUSTOMER = "customer", _("The customer wrote")
    COLLEAGUE = "colleague", _("A colleague needs it")
    HAND = "hand", _("Woken by hand")
    DONE = "done", _("The case was resolved")


class Snooze(models.Model):
    """One sleep of one case: out of its owner's queues until `until`, or until something happens before.

    The deadlines of its service levels go on.
    """

    public_id = public_id_field()
    # Found by `tickets_snooze_one_sleeps` as long as it sleeps.
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="snoozes", db_index=False)
    # From whose queues it is gone: the assignee of that moment, or whoever put it to sleep.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    until = models.DateTimeField()
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    started_at = models.DateTimeField(db_default=DatabaseNow())
    ended_at = models.DateTimeField(null=True)
    woken_by = models.CharField(max_length=10, choices=WokenBy.choices, blank=True, db_default="", default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], name="tickets_snooze_one_sleeps", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_snooze_at_most_a_year",
                condition=Q(until__gt=models.F("started_at"))
                & Q(until__lte=models.F("started_at") + models.Value(LONGEST, output_field=models.DurationField())),
            ),
            models.CheckConstraint(
                name="tickets_snooze_ended_says_why",
                condition=Q(ended_at__isnull=True, woken_by="")
                | Q(ended_at__isnull=False, woken_by__in=WokenBy.values),
            ),
        ]
        indexes = [
            # the sweep: whose time has come
            models.Index(fields=["until"], name="tickets_snooze_due", condition=Q(ended_at__isnull=True)),
            # the queues of somebody: what they do not show
            models.Index(
                fields=["owner", "ticket"], name="tickets_snooze_of_owner", condition=Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"snooze {self.public_id}"
