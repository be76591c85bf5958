"""What became of fund-related actions, step by step: for whoever tells it on, and a drawn person's no."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from security.models.fund import FundAction

STEPS = ("requested", "drawn", "check_begun", "check_passed", "approved", "declined", "denied", "executed", "answered")


class FundStep(models.Model):
    """One thing that happened to an action: owed to the floor that shows it until `told_at`; ids and codes only."""

    class What(models.TextChoices):
        """What happened."""

        REQUESTED = "requested", _("Asked for")
        DRAWN = "drawn", _("Somebody was drawn to approve")
        CHECK_BEGUN = "check_begun", _("Check of the customer begun")
        CHECK_PASSED = "check_passed", _("Confirmed by the customer")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        DENIED = "denied", _("Denied by the customer")
        EXECUTED = "executed", _("Sent to the exchange")
        ANSWERED = "answered", _("Answered by the exchange")

    action = models.ForeignKey(FundAction, on_delete=models.PROTECT, related_name="steps", db_constraint=False)
    what = models.CharField(max_length=20, choices=What.choices)
    # Whose doing it was; nobody's of ours for what a customer or the exchange did.
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=DatabaseNow())
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="security_fundstep_known",
                condition=Q(what__in=[*STEPS]),
            )
        ]
        # the sweeper: what nobody has been told, oldest first
        indexes = [models.Index(fields=["at"], condition=Q(told_at__isnull=True), name="security_fundstep_untold")]

    def __str__(self) -> str:
        return f"{self.what} of action {self.action_id}"

    @classmethod
    def answered(cls, action_id: int, data: dict[str, Any]) -> int:
        """Keep what the exchange answered, in the transaction of the answer; return the key."""
        return cls.objects.create(action_id=action_id, what=cls.What.ANSWERED, data=data).pk


class FundOutcome(models.Model):
    """What became of an action, once: it is executed or declined, never both. Written by triggers alone."""

    class Which(models.TextChoices):
        """How it ended with us."""

        EXECUTED = "executed"
        DECLINED = "declined"

    action = models.OneToOneField(FundAction, primary_key=True, on_delete=models.PROTECT, related_name="outcome")
    outcome = models.CharField(max_length=10, choices=Which.choices)
    came_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_fundoutcome"

    def __str__(self) -> str:
        return f"action {self.action_id} was {self.outcome}"


class FundDecline(models.Model):
    """A drawn person's no, with the reason, for good: part of the rule (migrations/declines.sql)."""

    action = models.OneToOneField(
        FundAction, primary_key=True, on_delete=models.PROTECT, related_name="decline", db_constraint=False
    )
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_funddecline"

    def __str__(self) -> str:
        return f"no to action {self.action_id}"
