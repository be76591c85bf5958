"""Participants: who else is part of a case."""

from django.db import models
from django.db.models import Q

from accounts.models import Customer
from core.clock import DatabaseNow
from tickets.models.ticket import Ticket


class Participant(models.Model):
    """One address on a case besides the requester. Only a proven one receives replies or sees history."""

    class Role(models.TextChoices):
        """Why it is here."""

        CC = "cc"
        THIRD_PARTY = "third_party"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="participants")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=160, blank=True)
    role = models.CharField(max_length=12, choices=Role.choices)
    is_proven = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "address"], name="tickets_participant_once"),
            models.CheckConstraint(
                name="tickets_participant_third_party_unproven", condition=Q(role="cc") | Q(is_proven=False)
            ),
        ]

    def __str__(self) -> str:
        return f"participant of {self.ticket_id}"
