"""Swaps: one person offers a shift to another, who accepts, and a lead approves."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.shift import Shift
from core.clock import DatabaseNow
from core.ids import public_id_field


def _ahead(name: str) -> Q:
    return Q(**{f"{name}__cancelled_at__isnull": True, f"{name}__starts_at__gt": DatabaseNow()})


class ShiftSwapQuerySet(models.QuerySet["ShiftSwap"]):
    """Adjectives of swaps."""

    def standing(self) -> Self:
        """Those that are not over: undecided, and of shifts that have neither begun nor been cancelled.

        That is read, not written, so that an offer whose time has passed is over at that moment.
        """
        undecided = self.filter(state__in=[ShiftSwap.State.OFFERED, ShiftSwap.State.ACCEPTED])
        return undecided.filter(_ahead("offered"), Q(wanted__isnull=True) | _ahead("wanted"))


class ShiftSwap(models.Model):
    """One offer of a shift to somebody, in exchange for one of theirs or for nothing.

    When it is approved both shifts are cancelled and planned anew for the other: whose a shift was is for good.
    """

    class State(models.TextChoices):
        """Where it stands."""

        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted, waits for a lead")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = public_id_field()
    # Found by the unique indexes below.
    offered = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="+", db_index=False)
    wanted = models.ForeignKey(Shift, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField(db_default=DatabaseNow())
    # The last step.
    changed_at = models.DateTimeField(db_default=DatabaseNow())
    # The lead who approved, or whoever refused.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ShiftSwapQuerySet.as_manager()

    class Meta:
        verbose_name = _("swap of shifts")
        verbose_name_plural = _("swaps of shifts")
        constraints = [
            models.CheckConstraint(
                name="accounts_shiftswap_state_known",
                condition=Q(state__in=["offered", "accepted", "approved", "refused", "withdrawn"]),
            ),
            models.CheckConstraint(name="accounts_shiftswap_of_two", condition=~Q(by=F("to"))),
            # Nobody approves their own.
            models.CheckConstraint(
                name="accounts_shiftswap_approved_by_a_third",
                condition=~Q(state="approved")
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("by")) & ~Q(decided_by=F("to")),
            ),
            models.UniqueConstraint(
                fields=["offered"],
                name="accounts_shiftswap_offered_once",
                condition=Q(state__in=["offered", "accepted"]),
            ),
            models.UniqueConstraint(
                fields=["wanted"],
                name="accounts_shiftswap_wanted_once",
                condition=Q(state__in=["offered", "accepted"]),
            ),
        ]
        # the page of shifts: what happened lately
        indexes = [models.Index(fields=["-changed_at"], name="accounts_shiftswap_lately")]

    def __str__(self) -> str:
        return f"swap {self.public_id}"
