"""The end of things kept for a time only."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from core import audit, files
from core.clock import DatabaseNow
from core.models import StoredFile
from security.services import exchange_events
from tickets.models import Attachment, InboundMail, Upload

RAW_MAIL_DAYS = 30
UPLOAD_HOURS = 24
BATCH = 500


def tidy() -> tuple[int, int]:
    """Wipe raw mail and events after 30 days, whatever became of them, and drop day-old uploads; returns both counts.

    Files that no message and no upload names any more go with them.

    Stored mail that still waits keeps its bytes: it has not been handled.
    """
    wiped, dropped, files_gone = _wipe_raw_mail(), _drop_uploads(), _remove_files()
    exchange_events.tidy()
    if wiped:
        audit.record("mail.wiped", actor=audit.SYSTEM, detail={"count": wiped})
    if dropped or files_gone:
        audit.record("files.tidied", actor=audit.SYSTEM, detail={"uploads": dropped, "files": files_gone})
    return wiped, dropped


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


def _remove_files() -> int:
    """Remove files of dropped and removed uploads; a day's grace, so that nothing just stored is looked at."""
    old = StoredFile.objects.filter(created_at__lt=DatabaseNow() - timedelta(hours=UPLOAD_HOURS))
    unnamed = old.exclude(Exists(Attachment.objects.filter(file=OuterRef("pk")))).exclude(
        Exists(Upload.objects.filter(file=OuterRef("pk")))
    )
    removed = 0
    while gone := files.remove_unnamed(unnamed.order_by("pk")[:BATCH]):
        removed += gone
    return removed
