"""Where a case that did not come by mail goes on by mail."""

from django.db import models

from core.clock import DatabaseNow
from tickets.models.ticket import Ticket


class MailRoute(models.Model):
    """An address by which one case has gone on by mail: proven to be the requester's, or confirmed by who reads it.

    The case's own requester address is for good, and empty in a chat; mail of the case goes to a route as to it, and
    who answers from one is the requester.
    """

    # Found by `tickets_mailroute_once`.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="routes", db_index=False)
    # In lower case.
    address = models.CharField(max_length=320)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "address"], name="tickets_mailroute_once")]

    def __str__(self) -> str:
        return f"route of {self.ticket_id}"
