"""Identity documents in restricted storage: shown for a manual review or moved there from a case, and who looked."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from security.models.reviews import ManualReview


class ReviewDocument(models.Model):
    """One picture, drawn anew from what was sent and sealed under `key`; without the key nobody opens it again.

    One that was moved here from a case names its customer and waits for a review of theirs, which takes it; a file that
    is no picture is sealed as it came and never shown. `is_sender_proven` is what was known of who sent it there.
    """

    class Kind(models.TextChoices):
        """What it shows."""

        IDENTITY = "identity", _("Identity document")
        FACE = "face", _("Picture of you with today's date")
        MAILED = "mailed", _("Picture out of a message")

    MOST: ClassVar[int] = 8

    public_id = public_id_field()
    # Of a table of the rule, which no other's key may touch.
    review = models.ForeignKey(
        ManualReview, null=True, on_delete=models.PROTECT, related_name="documents", db_constraint=False
    )
    # Whose a moved one is; null for what was shown for a review, which has its customer.
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    is_picture = models.BooleanField(default=True, db_default=True)
    is_sender_proven = models.BooleanField(default=True, db_default=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    storage_name = models.CharField(max_length=80, unique=True, editable=False)
    key = EncryptedTextField(blank=True)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=DatabaseNow())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="security_reviewdocument_kind_known", condition=Q(kind__in=["identity", "face", "mailed"])
            ),
            models.CheckConstraint(
                name="security_reviewdocument_somebodys",
                condition=Q(review__isnull=False) | Q(customer__isnull=False),
            ),
            models.CheckConstraint(
                name="security_reviewdocument_removed_has_no_key", condition=Q(removed_at__isnull=True) | Q(key="")
            ),
        ]
        indexes = [
            # the nightly sweep: what is still there
            models.Index(fields=["review"], condition=Q(removed_at__isnull=True), name="security_reviewdocument_kept"),
            # a review that is opened takes what waits for it
            models.Index(
                fields=["customer"],
                condition=Q(removed_at__isnull=True, review__isnull=True),
                name="security_reviewdocument_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"document {self.public_id}"

    @property
    def is_moved(self) -> bool:
        """Whether it came out of a case instead of over the page for documents."""
        return self.customer_id is not None


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
