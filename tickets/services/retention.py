"""The end of things kept for a time only."""

from datetime import timedelta

from core.clock import DatabaseNow
from tickets.models import InboundMail, Upload

RAW_MAIL_DAYS = 30
UPLOAD_HOURS = 24
BATCH = 500


def tidy() -> tuple[int, int]:
    """Wipe raw mail after 30 days, whatever became of it, and drop day-old uploads; returns both counts.

    Stored mail that still waits keeps its bytes: it has not been handled.
    """
    return _wipe_raw_mail(), _drop_uploads()


def _wipe_raw_mail() -> int:
    wiped = 0
    old = InboundMail.objects.filter(received_at__lt=DatabaseNow() - timedelta(days=RAW_MAIL_DAYS))
    handled = old.exclude(raw=b"").exclude(state=InboundMail.State.STORED).order_by("received_at")
    while ids := list(handled.values_list("pk", flat=True)[:BATCH]):
        wiped += InboundMail.objects.filter(pk__in=ids).update(raw=b"", preview="")
    return wiped


def _drop_uploads() -> int:
    old = Upload.objects.filter(created_at__lt=DatabaseNow() - timedelta(hours=UPLOAD_HOURS))
    return old.delete()[0]
