"""Clocks of service levels: what each case was promised, and what came of it."""

from datetime import timedelta
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from tickets.models.sla_calendar import SlaCalendar
from tickets.models.sla_policy import SlaPolicyVersion
from tickets.models.ticket import Priority, Ticket
from tickets.sla.business_time import ALWAYS, Hours
from tickets.sla.vocabulary import Metric

OPEN = Q(met_at__isnull=True, ended_at__isnull=True)

# What came about on a clock is kept as steps (SlaStep): reports tell of an earlier moment what was known then. A clock
# that is written with its past tells all of it at once, as if it had been written down when it came about.
_TELL_VARIABLES = [
    ("is_new", "boolean := TG_OP = 'INSERT'"),
    ("was_missed", "boolean := false"),
    ("was_met", "boolean := false"),
    ("was_ended", "boolean := false"),
    ("rounds", "integer := 0"),
]
_TELL = """
    IF NOT is_new THEN
        was_missed := OLD.breached_at IS NOT NULL;
        was_met := OLD.met_at IS NOT NULL;
        was_ended := OLD.ended_at IS NOT NULL;
        rounds := OLD.rounds;
    END IF;
    INSERT INTO tickets_slastep (clock_id, ticket_id, metric, what, at, recorded_at, version_id, priority, team_id,
                                 is_over, is_missed)
    SELECT NEW.id, NEW.ticket_id, NEW.metric, step.what, step.at, CASE WHEN is_new THEN step.at ELSE core.clock() END,
           NEW.version_id, NEW.priority, ticket.team_id, step.place > 3,
           NEW.breached_at IS NOT NULL AND (was_missed OR step.place > 2)
      FROM (VALUES
        (0, 'begun', NEW.started_at, is_new),
        (1, 'undone', core.clock(), NEW.rounds < rounds
              OR ((was_met OR was_ended) AND NEW.met_at IS NULL AND NEW.ended_at IS NULL)),
        (2, 'kept', NEW.started_at, NEW.rounds > rounds),
        (3, 'missed', NEW.breached_at, NEW.breached_at IS NOT NULL AND NOT was_missed),
        (4, 'kept', NEW.met_at, NEW.met_at IS NOT NULL AND NOT was_met AND NEW.breached_at IS NULL),
        (5, 'late', NEW.met_at, NEW.met_at IS NOT NULL AND NOT was_met AND NEW.breached_at IS NOT NULL),
        (6, 'ended', NEW.ended_at, NEW.ended_at IS NOT NULL AND NOT was_ended)
      ) AS step (place, what, at, is_so), tickets_ticket AS ticket
     WHERE step.is_so AND ticket.id = NEW.ticket_id
     ORDER BY step.place;
    RETURN NULL;
"""
_COMES_ABOUT = pgtrigger.Condition(
    "((OLD.met_at, OLD.ended_at, OLD.breached_at, OLD.rounds) IS DISTINCT FROM"
    " (NEW.met_at, NEW.ended_at, NEW.breached_at, NEW.rounds))"
)


class SlaClockQuerySet(models.QuerySet["SlaClock"]):
    """Adjectives of clocks."""

    def open(self) -> Self:
        """Those that are neither met nor ended."""
        return self.filter(OPEN)

    def firing(self) -> Self:
        """Those with a warning or a breach to write down now."""
        return self.filter(fires_at__lte=DatabaseNow())


class SlaClock(models.Model):
    """One promise to one case: open until it is met or ended; at most one of a metric is open at a time."""

    # Found by `tickets_slaclock_of_ticket`.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    metric = models.CharField(_("promise"), max_length=16, choices=Metric.choices)
    # Under which version, at which priority and by which calendar (none: around the clock) the target was set.
    version = models.ForeignKey(SlaPolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    priority = models.CharField(max_length=8, choices=Priority.choices)
    calendar = models.ForeignKey(SlaCalendar, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.DurationField()
    started_at = models.DateTimeField()
    # Business time: what had passed when the clock last began to run; all of it, once it is over.
    used = models.DurationField(default=timedelta)
    # Since when it runs; null while it is paused or over.
    runs_since = models.DateTimeField(null=True)
    # What is reckoned from the above: null while there is no such moment.
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    # The next of the two that has not been written down yet.
    fires_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # How often in a row the customer heard from us in time, for `update_every`.
    rounds = models.PositiveIntegerField(default=0)
    # What it was before the last answer, which may be taken back within its undo window.
    undo = models.JSONField(null=True)
    # Its calendar has changed since it was reckoned.
    is_stale = models.BooleanField(default=False)

    objects = SlaClockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "metric"], name="tickets_slaclock_one_open", condition=OPEN),
            models.CheckConstraint(name="tickets_slaclock_metric_known", condition=Q(metric__in=Metric.values)),
            models.CheckConstraint(name="tickets_slaclock_priority_known", condition=Q(priority__in=Priority.values)),
            models.CheckConstraint(
                name="tickets_slaclock_promises", condition=Q(target__gt=timedelta(), used__gte=timedelta())
            ),
            models.CheckConstraint(
                name="tickets_slaclock_over_once", condition=Q(met_at__isnull=True) | Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_slaclock_still_when_over",
                condition=OPEN | Q(runs_since__isnull=True, fires_at__isnull=True, due_at__isnull=True),
            ),
            models.CheckConstraint(
                name="tickets_slaclock_fires_while_running",
                condition=Q(fires_at__isnull=True) | Q(runs_since__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_slaclock_breach_after_start",
                condition=Q(breached_at__isnull=True) | Q(breached_at__gte=F("started_at")),
            ),
        ]
        indexes = [
            # the sweep: what has to be written down, the longest overdue first
            models.Index(fields=["fires_at"], name="tickets_slaclock_fires", condition=Q(fires_at__isnull=False)),
            # the sweep: what has to be reckoned anew
            models.Index(fields=["id"], name="tickets_slaclock_stale", condition=Q(is_stale=True)),
            # each thing that happens to a case; its side panel
            models.Index(fields=["ticket", "-id"], name="tickets_slaclock_of_ticket"),
            # a calendar that changes
            models.Index(fields=["calendar"], name="tickets_slaclock_by_calendar", condition=OPEN),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="tickets_slaclock_begins",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                declare=_TELL_VARIABLES,
                func=_TELL,
            ),
            pgtrigger.Trigger(
                name="tickets_slaclock_comes_about",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=_COMES_ABOUT,
                declare=_TELL_VARIABLES,
                func=_TELL,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.ticket_id}"

    def hours(self) -> Hours:
        """Return what its time is reckoned by."""
        return self.calendar.hours() if self.calendar else ALWAYS
