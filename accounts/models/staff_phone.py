"""Numbers on which people of ours take calls."""

from django.conf import settings
from django.db import models

from core.clock import DatabaseNow
from core.crypto import EncryptedTextField


class StaffPhone(models.Model):
    """One person's own number in E.164, encrypted, once it was checked that it is theirs; else there is no row."""

    staff = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="phone"
    )
    number = EncryptedTextField()
    checked_at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return f"phone of {self.staff_id}"
