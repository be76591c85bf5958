"""Files on their way in pieces: what has come of each, sealed, until a message takes it."""

from django.db import models

from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field

MAX_NAME = 250


class PartialUpload(models.Model):
    """One file that somebody is sending, under the browser's own id for it; `received` bytes of `size` are here.

    What has come is encrypted with a key of this file's own: secrets are masked only when the file is whole. Gone with
    the message that takes it, and after a day.
    """

    public_id = public_id_field()
    client_id = models.CharField(max_length=60)
    name = models.CharField(max_length=MAX_NAME)
    size = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    key = EncryptedTextField()
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"upload {self.public_id}"

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is missing."""
        return self.received == self.size


class FormUpload(PartialUpload):
    """One file for a guided form: `copy` names the copy of the form that it is sent with."""

    # Found by `tickets_formupload_once`.
    copy = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["copy", "client_id"], name="tickets_formupload_once"),
            models.CheckConstraint(
                name="tickets_formupload_within_size", condition=models.Q(received__lte=models.F("size"))
            ),
        ]
        # tidying: what nobody has sent within a day
        indexes = [models.Index(fields=["created_at"], name="tickets_formupload_age")]


class FormUploadPart(models.Model):
    """Some bytes of one file, encrypted, beginning at `start`."""

    upload = models.ForeignKey(FormUpload, on_delete=models.CASCADE, related_name="parts", db_index=False)
    start = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="tickets_formuploadpart_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} from {self.start}"
