"""On-call schedules: rotations of people, and who stands in for whom."""

from datetime import time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.escalation.rotation import Rotation, StandIn

LONGEST = timedelta(days=31)
MOST_DAYS = 28


def known_zone(name: str) -> None:
    """Refuse what is no time zone. Raises ValidationError."""
    if name not in available_timezones():
        raise ValidationError(_("There is no such time zone."))


class OnCallSchedule(models.Model):
    """One rotation: its people take turns, handed over every so many days by the wall clock of its zone."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=80, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_zone])
    begins_on = models.DateField(_("first day"), help_text=_("When the first person's first turn begins."))
    hands_over_at = models.TimeField(_("handed over at"), default=time(9), help_text=_("By the wall clock there."))
    turn_days = models.PositiveSmallIntegerField(
        _("days of a turn"), default=7, validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)]
    )

    class Meta:
        verbose_name = _("on-call schedule")
        verbose_name_plural = _("on-call schedules")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="tickets_oncallschedule_turn_sane", condition=Q(turn_days__gte=1, turn_days__lte=MOST_DAYS)
            )
        ]

    def __str__(self) -> str:
        return self.name

    def rotation(self) -> Rotation:
        """Return it in plain terms; people who may not sign in any more have no turns."""
        people = tuple(one.staff_id for one in self.participants.all() if one.staff.is_active)
        return Rotation(people, self.begins_on, self.hands_over_at, self.turn_days, ZoneInfo(self.time_zone))


class OnCallParticipant(models.Model):
    """One person's place in a rotation."""

    schedule = models.ForeignKey(OnCallSchedule, on_delete=models.CASCADE, related_name="participants", db_index=False)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("order"), default=1)

    class Meta:
        verbose_name = _("person on call")
        verbose_name_plural = _("people on call, in order")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "staff"], name="tickets_oncallparticipant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} in schedule {self.schedule_id}"


class OnCallOverrideQuerySet(models.QuerySet["OnCallOverride"]):
    """Adjectives of overrides."""

    def standing(self) -> Self:
        """Those that were agreed and hold."""
        return self.filter(state=OnCallOverride.State.STANDING)

    def asked(self) -> Self:
        """Those that wait for the other person's word, and are not over."""
        return self.filter(state=OnCallOverride.State.ASKED, ends_at__gt=DatabaseNow())


class OnCallOverride(models.Model):
    """One person who takes over a schedule for a time; two with the same `pair` are a swap and hold or fall together.

    Whose time it becomes, or whose it was, has to agree, unless a lead or they themselves wrote it.
    """

    class State(models.TextChoices):
        """Where it stands."""

        ASKED = "asked", _("Asked")
        STANDING = "standing", _("Agreed")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = public_id_field()
    # Found by `tickets_oncalloverride_of`.
    schedule = models.ForeignKey(OnCallSchedule, on_delete=models.CASCADE, related_name="overrides", db_index=False)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    # The other one of a swap has the same; empty for one alone.
    pair = models.CharField(max_length=20, blank=True, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Whose word it needs.
    asks = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(db_default=DatabaseNow())
    settled_at = models.DateTimeField(null=True)

    objects = OnCallOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("stand-in on call")
        verbose_name_plural = _("stand-ins on call")
        constraints = [
            models.CheckConstraint(
                name="tickets_oncalloverride_span_sane",
                condition=Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + LONGEST),
            ),
            models.CheckConstraint(
                name="tickets_oncalloverride_state_known",
                condition=Q(state__in=["asked", "standing", "declined", "cancelled"]),
            ),
            models.CheckConstraint(
                name="tickets_oncalloverride_asks_somebody", condition=~Q(state="asked") | Q(asks__isnull=False)
            ),
        ]
        indexes = [
            # who is on call; the page of two weeks
            models.Index(
                fields=["schedule", "ends_at"],
                condition=Q(state__in=["asked", "standing"]),
                name="tickets_oncalloverride_of",
            )
        ]

    def __str__(self) -> str:
        return f"stand-in {self.public_id}"

    def stand_in(self) -> StandIn:
        """Return it in plain terms."""
        return StandIn(self.staff_id, self.starts_at, self.ends_at)
