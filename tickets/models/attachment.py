"""Attachments of messages, and uploads that wait for their message."""

from django.conf import settings
from django.db import models

from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models import StoredFile
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class Attachment(models.Model):
    """One file on one message; `content_id` ties an inline image to the HTML that shows it."""

    public_id = public_id_field()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    content_id = models.CharField(max_length=250, blank=True)
    is_inline = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"attachment {self.public_id}"


class Upload(models.Model):
    """One file a staff member put into a reply or a note and has not sent yet; swept after a day."""

    class Kind(models.TextChoices):
        """What it will go out with; values as those of Message.Kind."""

        REPLY = "reply"
        NOTE = "note"

    public_id = public_id_field()
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="uploads")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.REPLY, db_default="reply")
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(name="tickets_upload_kind_known", condition=models.Q(kind__in=["reply", "note"]))
        ]

    def __str__(self) -> str:
        return f"upload {self.public_id}"
