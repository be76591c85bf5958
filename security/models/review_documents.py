"""What customers show for a manual review: pictures in restricted storage, and who looked at them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from security.models.reviews import ManualReview


class ReviewDocument(models.Model):
    """One picture, drawn anew from what was sent and sealed under `key`; without the key nobody opens it again."""

    class Kind(models.TextChoices):
        """What it shows."""

        IDENTITY = "identity", _("Identity document")
        FACE = "face", _("Picture of you with today's date")

    MOST: ClassVar[int] = 8

    public_id = public_id_field()
    # Of a table of the rule, which no other's key may touch.
    review = models.ForeignKey(ManualReview, on_delete=models.PROTECT, related_name="documents", db_constraint=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    storage_name = models.CharField(max_length=80, unique=True, editable=False)
    key = EncryptedTextField(blank=True)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=DatabaseNow())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="security_reviewdocument_kind_known", condition=Q(kind__in=["identity", "face"])
            ),
            models.CheckConstraint(
                name="security_reviewdocument_removed_has_no_key", condition=Q(removed_at__isnull=True) | Q(key="")
            ),
        ]
        # the nightly sweep: what is still there
        indexes = [
            models.Index(fields=["review"], condition=Q(removed_at__isnull=True), name="security_reviewdocument_kept")
        ]

    def __str__(self) -> str:
        return f"document {self.public_id}"


class ReviewDocumentView(models.Model):
    """One look of one reviewer at one document."""

    document = models.ForeignKey(ReviewDocument, on_delete=models.PROTECT, related_name="views")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    viewed_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        # how much a person has looked at in the last hour
        indexes = [models.Index(fields=["viewer", "viewed_at"], name="security_reviewview_of_person")]

    def __str__(self) -> str:
        return f"view of document {self.document_id}"
