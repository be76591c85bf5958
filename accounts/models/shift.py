"""Shifts: who is to be at work, from when to when."""

from datetime import timedelta
from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.absence import absent_now
from core.clock import DatabaseNow
from core.ids import public_id_field

LONGEST = timedelta(hours=16)
NOTE_LENGTH = 2000

# One person is at work once at a time. Whoever plans holds the person's row; this is for whatever else writes.
_NO_OVERLAP = """
    IF NEW.cancelled_at IS NULL AND EXISTS (
        SELECT FROM accounts_shift AS other
         WHERE other.staff_id = NEW.staff_id AND other.id <> NEW.id AND other.cancelled_at IS NULL
           AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
    ) THEN
        RAISE EXCEPTION 'this person has a shift at that time'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_shift_one_at_a_time';
    END IF;
    RETURN NEW;
"""


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Adjectives of shifts."""

    def standing(self) -> Self:
        """Those that were not cancelled."""
        return self.filter(cancelled_at__isnull=True)

    def now(self) -> Self:
        """Those that go on; who is absent is on no shift."""
        going_on = self.standing().filter(starts_at__lte=DatabaseNow(), ends_at__gt=DatabaseNow())
        return going_on.exclude(absent_now("staff"))


class Shift(models.Model):
    """One shift of one person; times are instants, planned on the wall clock of `time_zone`."""

    public_id = public_id_field()
    # Found by `accounts_shift_of_person`.
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts", db_index=False)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    # What the next ones should know, by its person.
    note = models.TextField(_("hand-over note"), max_length=NOTE_LENGTH, blank=True, default="")
    noted_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    # When what its person left behind was given back.
    given_back_at = models.DateTimeField(null=True)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(
                name="accounts_shift_within_a_day",
                condition=Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + LONGEST),
            ),
        ]
        indexes = [
            # a person's shifts; who is on shift now
            models.Index(
                fields=["staff", "ends_at"], condition=Q(cancelled_at__isnull=True), name="accounts_shift_of_person"
            ),
            # the rota of a week
            models.Index(fields=["ends_at"], condition=Q(cancelled_at__isnull=True), name="accounts_shift_rota"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="accounts_shift_one_at_a_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_NO_OVERLAP,
            )
        ]

    def __str__(self) -> str:
        return f"shift {self.public_id}"
