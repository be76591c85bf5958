"""Drafts: unsent text, kept on the server."""

from django.conf import settings
from django.db import models

from core.clock import DatabaseNow
from tickets.models.ticket import Ticket


class Draft(models.Model):
    """One person's unsent reply or note on one ticket; `version` refuses an older tab's save."""

    class Kind(models.TextChoices):
        """What it would become."""

        REPLY = "reply"
        NOTE = "note"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "staff", "kind"], name="tickets_draft_once"),
            models.CheckConstraint(name="tickets_draft_kind_known", condition=models.Q(kind__in=["reply", "note"])),
        ]

    def __str__(self) -> str:
        return f"draft of {self.staff_id} on {self.ticket_id}"
