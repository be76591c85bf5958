"""Files on their way from a visitor: what has come of each, sealed, until a message takes it."""

from django.db import models
from django.db.models import F, Q

from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from livechat.models.visitor import Visitor

MAX_NAME = 250


class VisitorUpload(models.Model):
    """One file that a visitor is sending, under the browser's own id for it; `received` bytes of `size` are here.

    What has come is encrypted with a key of this file's own: secrets are masked only when the file is whole. Gone with
    the message that takes it, and after a day.
    """

    public_id = public_id_field()
    # Found by `livechat_visitorupload_once`.
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="uploads", db_index=False)
    client_id = models.CharField(max_length=60)
    name = models.CharField(max_length=MAX_NAME)
    size = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    key = EncryptedTextField()
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "client_id"], name="livechat_visitorupload_once"),
            models.CheckConstraint(name="livechat_visitorupload_within_size", condition=Q(received__lte=F("size"))),
        ]
        # tidying: what nobody has sent within a day
        indexes = [models.Index(fields=["created_at"], name="livechat_visitorupload_age")]

    def __str__(self) -> str:
        return f"upload {self.public_id}"

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is missing."""
        return self.received == self.size


class VisitorUploadPart(models.Model):
    """Some bytes of one file, encrypted, beginning at `start`."""

    upload = models.ForeignKey(VisitorUpload, on_delete=models.CASCADE, related_name="parts", db_index=False)
    start = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="livechat_visitoruploadpart_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} from {self.start}"
