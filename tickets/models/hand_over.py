"""Hand-over notes of tickets: what whoever opens one next should know."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class HandOver(models.Model):
    """One hand-over of a ticket, in the words of an internal note; it stands until taken over, or until a newer one.

    `to` is whom it is meant for; nobody named is whoever comes next.
    """

    public_id = public_id_field()
    # Found by `tickets_handover_one_stands` as long as it stands, and by nothing afterwards.
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="hand_overs", db_index=False)
    note = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    written_at = models.DateTimeField(db_default=DatabaseNow())
    ended_at = models.DateTimeField(null=True)
    # Nobody, where another hand-over took its place.
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], name="tickets_handover_one_stands", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_handover_taken_is_over", condition=Q(taken_by__isnull=True) | Q(ended_at__isnull=False)
            ),
        ]
        # the page of shifts: what stands, the newest first
        indexes = [
            models.Index(fields=["-written_at"], name="tickets_handover_stands", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"hand-over {self.public_id}"
