"""Runs of chains: what happened on which ticket, whom it told, and who follows."""

from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Customer, Staff
from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models.leased import Leased
from tickets.escalation.steps import Marks, Step
from tickets.escalation.vocabulary import WAITING, Action, Cause, Outcome, State
from tickets.models.escalation import EscalationChain, EscalationHook
from tickets.models.sla_clock import SlaClock
from tickets.models.ticket import ACTIVE, Ticket

_ONCE_A_DAY = """
    IF EXISTS (
        SELECT FROM tickets_escalationrequest AS other
         WHERE other.ticket_id = NEW.ticket_id AND other.asked_at > core.clock() - interval '24 hours'
    ) THEN
        RAISE EXCEPTION 'this ticket was escalated within a day'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_escalationrequest_once_a_day';
    END IF;
    RETURN NEW;
"""


class EscalationRunQuerySet(models.QuerySet["EscalationRun"]):
    """Adjectives of runs."""

    def due(self) -> Self:
        """Those with a step to take now."""
        return self.filter(fires_at__lte=DatabaseNow())

    def waiting(self) -> Self:
        """Those that somebody should look at: not acknowledged, and still needed."""
        is_needed = Q(clock__isnull=True) | Q(clock__met_at__isnull=True, clock__ended_at__isnull=True)
        return self.filter(is_needed, state__in=["running", "done"], ticket__status__in=ACTIVE, ticket__is_spam=False)

    def told_to(self, person: Staff) -> Self:
        """Those of which `person` was told, alone or in a summary."""
        told = EscalationNotice.objects.shown_to(person)
        one, many = told.filter(run__isnull=False).values("run"), told.filter(storm__isnull=False).values("storm")
        return self.filter(Q(pk__in=one) | Q(storm__in=many))


class EscalationStorm(models.Model):
    """One time in which more tickets began a chain than its storm guard lets through: everybody is told once."""

    public_id = public_id_field()
    chain = models.ForeignKey(EscalationChain, on_delete=models.PROTECT, related_name="storms", db_index=False)
    began_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        # the storm that a run belongs to: the chain's last
        indexes = [models.Index(fields=["chain", "-began_at"], name="tickets_escalationstorm_last")]

    def __str__(self) -> str:
        return f"storm {self.public_id}"


class EscalationRun(models.Model):
    """One chain at work on one ticket, for one of its clocks or because its customer asked. Its steps never change."""

    public_id = public_id_field()
    # Found by `tickets_escalationrun_of_tick`.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="escalations", db_index=False)
    clock = models.ForeignKey(SlaClock, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    chain = models.ForeignKey(EscalationChain, on_delete=models.PROTECT, related_name="runs", db_index=False)
    storm = models.ForeignKey(EscalationStorm, null=True, on_delete=models.PROTECT, related_name="runs", db_index=False)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RUNNING)
    # Steps as `tickets.escalation.steps.Step.kept` writes them.
    steps = models.JSONField()
    next_step = models.PositiveSmallIntegerField(default=0)
    # When the next step is due; null while it waits for a breach, and once nothing is left to do.
    fires_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(db_default=DatabaseNow())
    # What steps count from.
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)

    objects = EscalationRunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["clock"],
                condition=Q(state__in=["running", "done"], clock__isnull=False),
                name="tickets_escalationrun_one_of_clock",
            ),
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(state__in=["running", "done"], clock__isnull=True),
                name="tickets_escalationrun_one_of_customer",
            ),
            models.CheckConstraint(name="tickets_escalationrun_cause_known", condition=Q(cause__in=Cause.values)),
            models.CheckConstraint(name="tickets_escalationrun_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="tickets_escalationrun_customers_have_no_clock",
                condition=Q(cause="customer", clock__isnull=True) | (~Q(cause="customer") & Q(clock__isnull=False)),
            ),
            models.CheckConstraint(
                name="tickets_escalationrun_fires_while_running",
                condition=Q(fires_at__isnull=True) | Q(state="running"),
            ),
            models.CheckConstraint(
                name="tickets_escalationrun_acknowledged_by_one",
                condition=Q(state="acknowledged", acknowledged_at__isnull=False, acknowledged_by__isnull=False)
                | (~Q(state="acknowledged") & Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)),
            ),
            models.CheckConstraint(
                name="tickets_escalationrun_over_has_ended",
                condition=Q(state__in=["running", "done"], ended_at__isnull=True)
                | (~Q(state__in=["running", "done"]) & Q(ended_at__isnull=False)),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the sweep: what is due, the longest overdue first
            models.Index(fields=["fires_at"], name="tickets_escalationrun_fires", condition=Q(fires_at__isnull=False)),
            # the page of what waits for somebody
            models.Index(
                fields=["-started_at"],
                name="tickets_escalationrun_waiting",
                condition=Q(state__in=["running", "done"]),
            ),
            # the side panel; a clock's own
            models.Index(fields=["ticket", "-id"], name="tickets_escalationrun_of_tick"),
            # the storm guard
            models.Index(fields=["chain", "started_at"], name="tickets_escalationrun_of_chain"),
            models.Index(fields=["storm"], name="tickets_escalationrun_of_storm", condition=Q(storm__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"escalation {self.public_id}"

    def plain_steps(self) -> list[Step]:
        """Return its steps in plain terms."""
        return [Step.of(one) for one in self.steps]

    def marks(self) -> Marks:
        """Return what its steps count from."""
        return Marks(self.warned_at, self.breached_at, self.told_at)


class EscalationStepRecord(models.Model):
    """One step that was taken, and what came of it; each of a run once. Never changed."""

    run = models.ForeignKey(EscalationRun, on_delete=models.CASCADE, related_name="records", db_index=False)
    position = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=10, choices=Action.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="tickets_escalationsteprecord_once"),
            models.CheckConstraint(
                name="tickets_escalationsteprecord_known",
                condition=Q(action__in=Action.values, outcome__in=Outcome.values),
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.position} of run {self.run_id}"


class EscalationNoticeQuerySet(models.QuerySet["EscalationNotice"]):
    """Adjectives of notices."""

    def due(self) -> Self:
        """Those to be given now that need no hand of their own: pages, mails, and what is pushed to devices."""
        return self.filter(state="queued", next_attempt_at__lte=DatabaseNow()).exclude(kind="hook")

    def shown_to(self, person: Staff) -> Self:
        """What `person` has been told."""
        return self.filter(staff=person, state="sent")


class EscalationNotice(Leased):
    """One thing that one person, or one place outside, is told: of one run, or in a storm of all of it together."""

    class Kind(models.TextChoices):
        """How."""

        PAGE = "page"
        MAIL = "mail"
        # To each of their devices.
        PUSH = "push"
        HOOK = "hook"

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        # Acknowledged, or met, before it was due.
        DROPPED = "dropped"

    WAITING: ClassVar[tuple[str, ...]] = ("queued",)

    public_id = public_id_field()
    kind = models.CharField(max_length=4, choices=Kind.choices)
    # Found by the two that say that it is there once.
    run = models.ForeignKey(EscalationRun, null=True, on_delete=models.CASCADE, related_name="notices", db_index=False)
    storm = models.ForeignKey(
        EscalationStorm, null=True, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    # Found by `tickets_escalationnotice_of`.
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    hook = models.ForeignKey(EscalationHook, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state: "models.Field[str, str]" = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    settled_at = models.DateTimeField(null=True)

    objects = EscalationNoticeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="tickets_escalationnotice_of_one", condition=Q(run__isnull=True) ^ Q(storm__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_escalationnotice_to_one",
                condition=Q(kind="hook", hook__isnull=False, staff__isnull=True)
                | Q(kind__in=["page", "mail", "push"], hook__isnull=True, staff__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_escalationnotice_state_known",
                condition=Q(state__in=["queued", "sent", "failed", "dropped"]),
            ),
            # Nobody is told the same twice.
            models.UniqueConstraint(
                fields=["run", "position", "kind", "staff", "hook"],
                name="tickets_escalationnotice_once",
                condition=Q(run__isnull=False),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["storm", "position", "kind", "staff", "hook"],
                name="tickets_escalationnotice_once_in_storm",
                condition=Q(storm__isnull=False),
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the sweeper: what waits
            models.Index(
                fields=["next_attempt_at"], name="tickets_escalationnotice_waits", condition=Q(state="queued")
            ),
            # what a person has been told
            models.Index(
                fields=["staff", "-created_at"],
                name="tickets_escalationnotice_of",
                condition=Q(staff__isnull=False, state="sent"),
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.public_id}"

    def is_needed(self) -> bool:
        """Whether somebody should still look at what it tells of."""
        if self.storm is not None:
            return self.storm.runs.filter(state__in=WAITING).exists()
        return self.run is not None and self.run.state in WAITING


class TicketFollower(models.Model):
    """One person who is told what escalation tells others about a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="followers", db_index=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "staff"], name="tickets_ticketfollower_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} follows {self.ticket_id}"


class EscalationRequest(models.Model):
    """One time that a customer escalated their request; what they said of it is on the timeline. Once in a day."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="escalation_requests", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        # whether there was one lately
        indexes = [models.Index(fields=["ticket", "-asked_at"], name="tickets_escalationrequest_of")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="tickets_escalationrequest_once_a_day",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_ONCE_A_DAY,
            )
        ]

    def __str__(self) -> str:
        return f"request for {self.ticket_id}"
