"""Calendars of service levels: when time counts."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from core import time_zones
from core.ids import public_id_field
from tickets.sla import holidays, hours_text
from tickets.sla.business_time import ALWAYS, Hours

# Calendars that a process has read.
KEPT = 200


def check_week(text: str) -> None:
    """Refuse what is no week. Raises ValidationError."""
    hours_text.read_weekly(text)


def check_dates(text: str) -> None:
    """Refuse what is no list of dates. Raises ValidationError."""
    hours_text.read_dates(text)


def check_zone(name: str) -> None:
    """Refuse what is no time zone. Raises ValidationError."""
    if name not in time_zones.names():
        raise ValidationError(_("This is no time zone: write it as in Asia/Singapore."))


class SlaCalendar(models.Model):
    """Hours of a week, holidays and dates of their own, as people write them, in the time zone they are meant in."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=80, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[check_zone])
    is_always = models.BooleanField(_("around the clock"), default=False)
    weekly = models.TextField(
        _("week"),
        blank=True,
        max_length=2_000,
        validators=[check_week],
        help_text=_(
            "A line for each day or range of days: “mon-fri 09:00-12:30 13:30-18:00”. A day without one is closed."
        ),
    )
    country = models.CharField(
        _("holidays of"),
        max_length=2,
        blank=True,
        help_text=_("A country's two letters, such as DE or SG; or nothing."),
    )
    part = models.CharField(
        _("part of the country"), max_length=20, blank=True, help_text=_("Where its holidays differ: BY for Bavaria.")
    )
    dates = models.TextField(
        _("dates of their own"),
        blank=True,
        max_length=8_000,
        validators=[check_dates],
        help_text=_(
            "A line for each: “2026-12-24 09:00-12:00”; without hours it is closed. They count before holidays."
        ),
    )
    # Closed dates that its feeds gave, a line for each; dates of its own count before.
    feed_dates = models.TextField(_("dates of iCal feeds"), blank=True, default="", db_default="", editable=False)
    # Of cases whose team has none, under policies that name none.
    is_default = models.BooleanField(_("where nothing else is said"), default=False)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                name="tickets_slacalendar_one_default",
                condition=Q(is_default=True),
                violation_error_message=_("Another calendar holds where nothing else is said."),
            ),
            models.CheckConstraint(name="tickets_slacalendar_has_hours", condition=Q(is_always=True) | ~Q(weekly="")),
            models.CheckConstraint(name="tickets_slacalendar_part_of_one", condition=Q(part="") | ~Q(country="")),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse holidays that nobody knows, and a week without an hour. Raises ValidationError."""
        if self.country and self.country not in holidays.countries():
            raise ValidationError({"country": _("The holidays of this country are not known.")})
        if self.part and self.part not in holidays.parts(self.country):
            raise ValidationError({"part": _("This country has no such part with holidays of its own.")})
        if not self.is_always and not any(hours_text.read_weekly(self.weekly).values()):
            raise ValidationError({"weekly": _("A calendar needs an hour in the week, or is open around the clock.")})

    def hours(self) -> Hours:
        """Return what business time is reckoned by."""
        if self.is_always:
            return ALWAYS
        return _hours(self.time_zone, self.weekly, (self.feed_dates, self.dates), self.country, self.part)


@lru_cache(maxsize=KEPT)
def _hours(zone: str, weekly: str, dates: tuple[str, ...], country: str, part: str) -> Hours:
    week = hours_text.read_weekly(weekly)
    return Hours(
        ZoneInfo(zone),
        tuple(week.get(day, ()) for day in range(7)),
        # What is said later counts before.
        {day: hours for text in dates for day, hours in hours_text.read_dates(text).items()},
        holidays.HolidayList(country, part) if country else None,
    )


class SlaTeamCalendar(models.Model):
    """By which calendar a team works, where a policy names none."""

    team = models.OneToOneField(Team, verbose_name=_("team"), on_delete=models.CASCADE, related_name="+")
    calendar = models.ForeignKey(
        SlaCalendar, verbose_name=_("calendar"), on_delete=models.CASCADE, related_name="teams"
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return str(self.team_id)
