"""When a chat is staffed. An inbox without a row is staffed around the clock."""

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import time_zones
from core.ids import public_id_field
from livechat import hours
from livechat.models.inbox import ChatInbox
from tickets.sla import hours_text


def check_weekly(text: str) -> None:
    """Refuse what is no week. Raises ValidationError."""
    hours_text.read_weekly(text)


def check_dates(text: str) -> None:
    """Refuse what is no list of dates. Raises ValidationError."""
    hours_text.read_dates(text)


def check_zone(name: str) -> None:
    """Refuse what is no time zone. Raises ValidationError."""
    if name not in time_zones.names():
        raise ValidationError(_("This is no time zone: write it as in Asia/Singapore."))


class ChatHours(models.Model):
    """The opening hours of one inbox, as people write them, in the time zone they are meant in."""

    public_id = public_id_field()
    inbox = models.OneToOneField(
        ChatInbox, verbose_name=_("chat inbox"), on_delete=models.CASCADE, related_name="hours"
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[check_zone])
    weekly = models.TextField(
        _("week"),
        blank=True,
        max_length=2_000,
        validators=[check_weekly],
        help_text=_(
            "A line for each day or range of days: “mon-fri 09:00-12:30 13:30-18:00”. A day without one is closed."
        ),
    )
    dates = models.TextField(
        _("holidays and other dates"),
        blank=True,
        max_length=10_000,
        validators=[check_dates],
        help_text=_("A line for each: “2026-12-25” is closed, “2026-12-24 09:00-12:00” has hours of its own."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switched off, the chat is staffed around the clock.")
    )

    class Meta:
        verbose_name = _("chat hours")
        verbose_name_plural = _("chat hours")
        ordering = ["inbox"]

    def __str__(self) -> str:
        return f"hours of {self.inbox_id}"

    def calendar(self) -> hours.Calendar:
        """Return what tells whether somebody is there."""
        if not self.is_active:
            return hours.AroundTheClock()
        return hours.OpeningHours(
            ZoneInfo(self.time_zone), hours_text.read_weekly(self.weekly), hours_text.read_dates(self.dates)
        )
