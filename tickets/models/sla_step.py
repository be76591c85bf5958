"""What came of each promise, step by step: written by the database when a clock changes, and never changed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team
from tickets.models.sla_clock import SlaClock
from tickets.models.sla_policy import SlaPolicyVersion
from tickets.models.ticket import Priority, Ticket
from tickets.sla.vocabulary import Metric


class SlaStep(models.Model):
    """One thing that came about on one clock: what is known of it later does not change what was known then.

    `at` is when it was so (a miss: when it was due), `recorded_at` when it was written down. `undone` takes back the
    latest of kept, late and ended: an answer was withdrawn, or a resolved case was opened again. The team is the
    case's at that moment, policy and priority are the clock's.
    """

    class What(models.TextChoices):
        """What came about."""

        BEGUN = "begun", _("Begun")
        KEPT = "kept", pgettext_lazy("clock", "Kept")
        MISSED = "missed", pgettext_lazy("clock", "Missed")
        LATE = "late", _("Met late")
        ENDED = "ended", pgettext_lazy("clock", "Ended")
        UNDONE = "undone", _("Taken back")

    # Found by `tickets_slastep_of_clock`.
    clock = models.ForeignKey(SlaClock, on_delete=models.CASCADE, related_name="steps", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    metric = models.CharField(max_length=16, choices=Metric.choices)
    what = models.CharField(max_length=6, choices=What.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    version = models.ForeignKey(SlaPolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    priority = models.CharField(max_length=8, choices=Priority.choices)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # How the clock stood then.
    is_over = models.BooleanField()
    is_missed = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tickets_slastep_what_known",
                condition=Q(what__in=["begun", "kept", "missed", "late", "ended", "undone"]),
            ),
        ]
        indexes = [
            # reports: what became of a clock
            models.Index(fields=["clock", "id"], name="tickets_slastep_of_clock"),
            # reports: which promises were kept and missed in a period
            models.Index(fields=["at"], name="tickets_slastep_decided", condition=Q(what__in=["kept", "missed"])),
            # reports: what has come about since an earlier moment
            models.Index(fields=["recorded_at"], name="tickets_slastep_recorded"),
            # reports: which cases a policy has promised something
            models.Index(fields=["ticket"], name="tickets_slastep_begun", condition=Q(what="begun")),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.metric} of {self.ticket_id}"
