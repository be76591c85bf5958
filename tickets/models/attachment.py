"""Attachments of messages, and uploads that wait for their message."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models import StoredFile
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Adjectives of attachments."""

    def kept(self) -> Self:
        """Those that are with their message, with their file: whatever shows, sends or exports one starts here."""
        return self.filter(restricted_at__isnull=True).select_related("file")

    def to_be_moved(self) -> Self:
        """Those whose file has still to be moved into restricted storage."""
        return self.filter(restricted_at__isnull=False, file__isnull=False)


class Attachment(models.Model):
    """One file on one message; `content_id` ties an inline image to the HTML that shows it.

    One that is taken for an identity document is restricted: from then on nobody sees it here. Its file is moved into
    restricted storage, where it is `document` (a public id), and destroyed; the row stays as the place of it.
    """

    public_id = public_id_field()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    content_id = models.CharField(max_length=250, blank=True)
    is_inline = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    restricted_at = models.DateTimeField(null=True)
    # Nobody: it was moved by itself.
    restricted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    document = models.CharField(max_length=20, blank=True, db_default="")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="tickets_attachment_has_its_file", condition=Q(file__isnull=False) | Q(restricted_at__isnull=False)
            ),
            models.CheckConstraint(
                name="tickets_attachment_document_has_no_file", condition=Q(document="") | Q(file__isnull=True)
            ),
        ]
        # the sweeper: what has still to be moved
        indexes = [
            models.Index(
                fields=["restricted_at"],
                condition=Q(restricted_at__isnull=False, file__isnull=False),
                name="tickets_attachment_to_move",
            )
        ]

    def __str__(self) -> str:
        return f"attachment {self.public_id}"

    @property
    def kept_file(self) -> StoredFile | None:
        """The file, when it is here and may be seen."""
        return self.file if self.restricted_at is None else None

    @property
    def stored(self) -> StoredFile:
        """The file of one that is known to have it. Raises ValueError for one that has left only its place."""
        if self.file is None:
            raise ValueError(self.public_id)
        return self.file


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
