"""Files on their way from a visitor."""

from django.db import models
from django.db.models import F, Q

from livechat.models.visitor import Visitor
from tickets.models.partial_upload import PartialUpload


class VisitorUpload(PartialUpload):
    """One file that a visitor is sending."""

    # Found by `livechat_visitorupload_once`.
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="uploads", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "client_id"], name="livechat_visitorupload_once"),
            models.CheckConstraint(name="livechat_visitorupload_within_size", condition=Q(received__lte=F("size"))),
        ]
        # tidying: what nobody has sent within a day
        indexes = [models.Index(fields=["created_at"], name="livechat_visitorupload_age")]


class VisitorUploadPart(models.Model):
    """Some bytes of one file, encrypted, beginning at `start`."""

    upload = models.ForeignKey(VisitorUpload, on_delete=models.CASCADE, related_name="parts", db_index=False)
    start = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="livechat_visitoruploadpart_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} from {self.start}"
