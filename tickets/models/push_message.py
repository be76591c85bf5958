"""What browsers of staff are to show: one row for each device and each thing that its person is told."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import PushDevice, ShiftSwap
from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models.leased import Leased
from tickets.models.escalation_run import EscalationNotice
from tickets.models.staff_notice import StaffNotice


class PushMessage(Leased):
    """One thing that one device shows: a notice of escalation or of a ticket, an offered swap, or a trial.

    It goes with its device.
    """

    class Kind(models.TextChoices):
        """What it tells."""

        TRIAL = "trial"
        ESCALATION = "escalation"
        SWAP = "swap"
        TICKET = "ticket"

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        # Nobody needs it any more, or may see what it tells.
        DROPPED = "dropped"

    WAITING: ClassVar[tuple[str, ...]] = ("queued",)

    public_id = public_id_field()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    device = models.ForeignKey(PushDevice, on_delete=models.CASCADE, related_name="messages", db_index=False)
    # Found by those that say that it is there once.
    notice = models.ForeignKey(
        EscalationNotice, null=True, on_delete=models.CASCADE, related_name="pushes", db_index=False
    )
    swap = models.ForeignKey(ShiftSwap, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    staff_notice = models.ForeignKey(
        StaffNotice, null=True, on_delete=models.CASCADE, related_name="pushes", db_index=False
    )
    state: "models.Field[str, str]" = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="tickets_pushmessage_of_one",
                condition=Q(kind="trial", notice__isnull=True, swap__isnull=True, staff_notice__isnull=True)
                | Q(kind="escalation", notice__isnull=False, swap__isnull=True, staff_notice__isnull=True)
                | Q(kind="swap", notice__isnull=True, swap__isnull=False, staff_notice__isnull=True)
                | Q(kind="ticket", notice__isnull=True, swap__isnull=True, staff_notice__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_pushmessage_state_known",
                condition=Q(state__in=["queued", "sent", "failed", "dropped"]),
            ),
            # No device is told the same twice.
            models.UniqueConstraint(
                fields=["notice", "device"], name="tickets_pushmessage_once", condition=Q(notice__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["swap", "device"], name="tickets_pushmessage_swap_once", condition=Q(swap__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["staff_notice", "device"],
                name="tickets_pushmessage_ticket_once",
                condition=Q(staff_notice__isnull=False),
            ),
            # One trial at a time.
            models.UniqueConstraint(
                fields=["device"], name="tickets_pushmessage_one_trial", condition=Q(kind="trial", state="queued")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the sweeper: what waits
            models.Index(fields=["next_attempt_at"], name="tickets_pushmessage_waits", condition=Q(state="queued")),
            # what goes with its device, and with time
            models.Index(fields=["device", "created_at"], name="tickets_pushmessage_of"),
        ]

    def __str__(self) -> str:
        return f"push {self.public_id}"
