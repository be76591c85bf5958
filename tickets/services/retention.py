"""The end of things kept for a time only."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from core import audit, files
from core.clock import DatabaseNow
from core.models import StoredFile
from security.services import exchange_events
from tickets.models import Attachment, Decision, InboundMail, PhoneEvent, PhoneRecording, SocialEvent, Upload
from tickets.services import form_uploads, push_messages, staff_notices, webhooks

RAW_MAIL_DAYS = 30
UPLOAD_HOURS = 24
DECISION_DAYS = 90
BATCH = 500


def tidy() -> tuple[int, int]:
    """Wipe raw mail and events after 30 days, whatever became of them, and drop day-old uploads; returns both counts.

    Files that no message and no upload names any more go with them.

    Stored mail that still waits keeps its bytes: it has not been handled.
    """
    wiped, dropped, files_gone = _wipe_raw_mail(), _drop_uploads(), _remove_files()
    exchange_events.tidy()
    form_uploads.tidy()
    social_wiped = _wipe_social_events()
    if social_wiped:
        audit.record("social.wiped", actor=audit.SYSTEM, detail={"count": social_wiped})
    if phone_wiped := _wipe_phone_events():
        audit.record("phone.wiped", actor=audit.SYSTEM, detail={"count": phone_wiped})
    _drop_decisions()
    if pushes := push_messages.tidy():
        audit.record("pushes.tidied", actor=audit.SYSTEM, detail={"count": pushes})
    if deliveries := webhooks.tidy():
        audit.record("webhooks.tidied", actor=audit.SYSTEM, detail={"count": deliveries})
    if told := staff_notices.tidy():
        audit.record("notices.tidied", actor=audit.SYSTEM, detail={"count": told})
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


def _wipe_social_events() -> int:
    """Their ids stay: the same event again, however late, has no second effect."""
    wiped = 0
    old = SocialEvent.objects.filter(received_at__lt=DatabaseNow() - timedelta(days=RAW_MAIL_DAYS))
    handled = old.exclude(raw=b"").exclude(state=SocialEvent.State.STORED).order_by("received_at")
    while ids := list(handled.values_list("pk", flat=True)[:BATCH]):
        wiped += SocialEvent.objects.filter(pk__in=ids).update(raw=b"")
    return wiped


def _wipe_phone_events() -> int:
    """As with social events: what names a request stays."""
    wiped = 0
    old = PhoneEvent.objects.filter(received_at__lt=DatabaseNow() - timedelta(days=RAW_MAIL_DAYS))
    handled = old.exclude(raw=b"").exclude(state=PhoneEvent.State.STORED).order_by("received_at")
    while ids := list(handled.values_list("pk", flat=True)[:BATCH]):
        wiped += PhoneEvent.objects.filter(pk__in=ids).update(raw=b"", answer="")
    return wiped


def _drop_uploads() -> int:
    old = Upload.objects.filter(created_at__lt=DatabaseNow() - timedelta(hours=UPLOAD_HOURS))
    return old.delete()[0]


def _drop_decisions() -> None:
    """Forget why somebody was given what they were, after 90 days; that they were, the timeline says."""
    old = Decision.objects.filter(decided_at__lt=DatabaseNow() - timedelta(days=DECISION_DAYS)).order_by("decided_at")
    count = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        count += Decision.objects.filter(pk__in=ids).delete()[0]
    if count:
        audit.record("decisions.tidied", actor=audit.SYSTEM, detail={"count": count})


def _remove_files() -> int:
    """Remove files of dropped and removed uploads; a day's grace, so that nothing just stored is looked at."""
    old = StoredFile.objects.filter(created_at__lt=DatabaseNow() - timedelta(hours=UPLOAD_HOURS))
    naming = (Attachment.objects, Upload.objects, PhoneRecording.objects)
    unnamed = old
    for rows in naming:
        unnamed = unnamed.exclude(Exists(rows.filter(file=OuterRef("pk"))))
    removed = 0
    while gone := files.remove_unnamed(unnamed.order_by("pk")[:BATCH]):
        removed += gone
    return removed
