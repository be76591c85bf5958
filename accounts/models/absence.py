"""Absences: who is not at work, from when to when, whatever the rota says."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.clock import DatabaseNow
from core.ids import public_id_field

# A year, and the day that some years have more.
LONGEST = timedelta(days=366)


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Adjectives of absences."""

    def granted(self) -> Self:
        """Those that hold."""
        return self.filter(state=Absence.State.GRANTED)

    def now(self) -> Self:
        """Those that hold and go on."""
        return self.granted().filter(starts_at__lte=DatabaseNow(), ends_at__gt=DatabaseNow())


def absent_now(person: str) -> Exists:
    """Return whether a person (`person`: the outer query's column of them) is absent now."""
    return Exists(Absence.objects.now().filter(staff=OuterRef(person)))


def absent_until(person: str) -> Subquery:
    """Return until when somebody (`person`: as above) who is absent now is; null for whoever is not."""
    return Subquery(Absence.objects.now().filter(staff=OuterRef(person)).values("ends_at")[:1])


class Absence(models.Model):
    """One absence of one person; times are instants, meant on the wall clock of `time_zone`. It holds once granted."""

    class Kind(models.TextChoices):
        """Why; only the person and leads read it."""

        HOLIDAY = "holiday", _("Holiday")
        SICK = "sick", _("Sick")
        OTHER = "other", pgettext_lazy("absence", "Other")

    class State(models.TextChoices):
        """Where it stands."""

        REQUESTED = "requested", _("Requested")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = public_id_field()
    # Found by `accounts_absence_of_person`.
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    requested_at = models.DateTimeField(db_default=DatabaseNow())
    # Who granted, refused or entered it.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    # When what they had in hand and nobody had answered was given back.
    given_back_at = models.DateTimeField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                name="accounts_absence_within_a_year",
                condition=Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + LONGEST),
            ),
            models.CheckConstraint(
                name="accounts_absence_kind_known", condition=Q(kind__in=["holiday", "sick", "other"])
            ),
            models.CheckConstraint(
                name="accounts_absence_state_known",
                condition=Q(state__in=["requested", "granted", "refused", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="accounts_absence_granted_by_somebody",
                condition=~Q(state__in=["granted", "refused"]) | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            # One person is away once at a time. As ranges, both are compared without an extension of PostgreSQL.
            ExclusionConstraint(
                name="accounts_absence_once_at_a_time",
                expressions=[
                    (
                        Func(
                            F("staff"),
                            F("staff"),
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        "&&",
                    ),
                    (Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()), "&&"),
                ],
                condition=Q(state__in=["requested", "granted"]),
            ),
        ]
        indexes = [
            # who is absent now; a person's absences
            models.Index(
                fields=["staff", "ends_at"],
                condition=Q(state__in=["requested", "granted"]),
                name="accounts_absence_of_person",
            ),
            # the page of shifts: who is away in a week, what waits for a lead
            models.Index(
                fields=["ends_at"], condition=Q(state__in=["requested", "granted"]), name="accounts_absence_ahead"
            ),
        ]

    def __str__(self) -> str:
        return f"absence {self.public_id}"
