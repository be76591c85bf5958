"""Feeds of shifts: the secret address under which a person's own calendar reads their shifts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow


class ShiftFeed(models.Model):
    """One person's feed. Of its token only the digest is kept; another token takes its place, none is the end of it."""

    staff = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="shift_feed"
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        verbose_name = _("feed of shifts")
        verbose_name_plural = _("feeds of shifts")

    def __str__(self) -> str:
        return f"feed of {self.staff_id}"
