"""Stored files: bytes on disk under a random name, everything else here."""

from django.db import models

from core.clock import DatabaseNow
from core.ids import public_id_field


class StoredFile(models.Model):
    """One immutable file under MEDIA_ROOT; the name a person gave it is metadata only."""

    class Scan(models.TextChoices):
        """What the malware scanner said."""

        UNSCANNED = "unscanned"
        CLEAN = "clean"
        INFECTED = "infected"

    public_id = public_id_field()
    storage_name = models.CharField(max_length=80, unique=True, editable=False)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    is_previewable = models.BooleanField(default=False)
    is_dangerous = models.BooleanField(default=False)
    scan = models.CharField(max_length=10, choices=Scan.choices, default=Scan.UNSCANNED)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="core_storedfile_scan_known", condition=models.Q(scan__in=["unscanned", "clean", "infected"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.content_type})"
