"""Feeds of calendars: where dates on which nobody works are read from (RFC 5545)."""

from typing import Any

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.sla_calendar import SlaCalendar


class CalendarFeed(models.Model):
    """One iCal feed of one calendar, looked at daily, or a file that was uploaded: its all-day events are closed dates.

    What was read last stays until something good is read again; `problem` says why a look has failed.
    """

    class Problem(models.TextChoices):
        """Why a look has failed."""

        UNREACHABLE = "unreachable", _("The server cannot be reached over https on the public internet.")
        NOT_GIVEN = "not_given", _("The server did not give the file.")
        TOO_LARGE = "too_large", _("The file is larger than 1 MB.")
        NOT_ICAL = "not_ical", _("This is no iCal file.")
        UNREADABLE = "unreadable", _("An event of this file cannot be read.")
        TOO_MUCH = "too_much", _("This file has more than 5,000 events, or they repeat too often.")

    public_id = public_id_field()
    calendar = models.ForeignKey(
        SlaCalendar, verbose_name=_("calendar"), on_delete=models.PROTECT, related_name="feeds"
    )
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(
        _("address"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["https"])],
        help_text=_("An https address on the public internet, looked at once a day; nothing for an uploaded file."),
    )
    # The last good reading: a line for each closed date, from a month before it to two years after.
    dates = models.TextField(_("closed dates"), blank=True, default="", db_default="")
    read_at = models.DateTimeField(_("last read"), null=True)
    looked_at = models.DateTimeField(_("last looked at"), null=True)
    problem = models.CharField(
        _("problem"), max_length=11, choices=Problem.choices, blank=True, default="", db_default=""
    )
    # When somebody looks again; whoever looks moves it on first, so that two do not.
    next_look_at = models.DateTimeField(null=True, db_default=DatabaseNow())
    # What the server said of the version it gave.
    etag = models.CharField(max_length=250, blank=True, default="", db_default="")
    modified = models.CharField(max_length=60, blank=True, default="", db_default="")
    # What was fetched and is not read yet.
    fetched = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("iCal feed")
        verbose_name_plural = _("iCal feeds")
        ordering = ["calendar", "name"]
        constraints = [
            models.CheckConstraint(
                name="tickets_calendarfeed_problem_known",
                condition=Q(
                    problem__in=["", "unreachable", "not_given", "too_large", "not_ical", "unreadable", "too_much"]
                ),
            ),
            models.CheckConstraint(
                name="tickets_calendarfeed_https", condition=Q(url="") | Q(url__startswith="https://")
            ),
        ]
        # the sweep: whose time has come
        indexes = [
            models.Index(
                fields=["next_look_at"], name="tickets_calendarfeed_due", condition=Q(next_look_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep_look(
        cls, pk: int, url: str, *, problem: str = "", content: bytes | None = None, etag: str = "", modified: str = ""
    ) -> None:
        """Note that `url` was looked at: what was wrong, or what came and is to be read; None: nothing new.

        An address that was changed meanwhile is another one: of it nothing is noted.
        """
        noted: dict[str, Any] = {"looked_at": DatabaseNow(), "problem": problem}
        if content is not None:
            noted |= {"fetched": content, "etag": etag, "modified": modified}
        cls.objects.filter(pk=pk, url=url).update(**noted)
