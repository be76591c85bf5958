"""Time spent: minutes that somebody worked on a case."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Team
from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.ticket import Ticket

MOST_MINUTES = 1440
LONGEST_NOTE = 200
TAKEN_BACK_WITHIN = timedelta(days=1)


class TimeEntry(models.Model):
    """So many minutes of one person on one case on one day. What is taken back stays, marked, and counts nowhere."""

    public_id = public_id_field()
    # Found by `tickets_timeentry_of_ticket`.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="time_entries", db_index=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Whose the case was when it was written down.
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    minutes = models.PositiveSmallIntegerField()
    day = models.DateField()
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tickets_timeentry_within_a_day", condition=Q(minutes__gte=1, minutes__lte=MOST_MINUTES)
            ),
            models.CheckConstraint(
                name="tickets_timeentry_taken_back_in_time",
                condition=Q(taken_back_at__isnull=True)
                | Q(
                    taken_back_at__lte=F("created_at")
                    + models.Value(TAKEN_BACK_WITHIN, output_field=models.DurationField())
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "-created_at"], name="tickets_timeentry_of_ticket"),
            # reports: a range of days
            models.Index(fields=["day"], name="tickets_timeentry_day", condition=Q(taken_back_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} min on {self.ticket_id}"
