"""Documents of manual reviews: kept apart, each under a key of its own, seen by who was drawn, gone after 30 days.

Only pixels are kept: what a customer sends is drawn anew, and nothing but the picture survives.
"""

from datetime import timedelta
from pathlib import Path

import nacl.secret
import nacl.utils
from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from nacl.encoding import Base64Encoder

from accounts.models import Staff
from core import audit, clock, files, previews
from core.audit import Actor
from core.clock import DatabaseNow
from core.models import StoredFile
from security import effects, review_state
from security.models import ManualReview, ReviewDocument, ReviewDocumentView, ReviewerDraw

MAX_BYTES = 15 * 1024 * 1024
MAX_PX = 2000
VIEWS_PER_HOUR = 40
KEPT_DAYS = 30
BATCH = 200


class DocumentRefusedError(Exception):
    """The document is not taken, or not shown; one sentence for the person says why."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def add(*, review: ManualReview, kind: str, content: bytes, actor: Actor) -> ReviewDocument:
    """Keep one picture. Raises DocumentRefusedError: the review has ended, too many, too large, or no picture."""
    if len(content) > MAX_BYTES:
        raise DocumentRefusedError(_("This picture is too large: 15 MB at most."))
    picture = previews.image_preview(content, max_px=MAX_PX)
    if picture is None or files.scan(content) == StoredFile.Scan.INFECTED:
        raise DocumentRefusedError(_("This is not a picture that we can read: send a PNG, JPEG or WebP file."))
    key = nacl.utils.random(nacl.secret.SecretBox.KEY_SIZE)
    name = files.new_name()
    files.write_whole(bytes(nacl.secret.SecretBox(key).encrypt(picture)), _path(name))
    with transaction.atomic():
        if not review_state.of(review).is_open:
            raise DocumentRefusedError(_("This review has ended."))
        if ReviewDocument.objects.filter(review=review).count() >= ReviewDocument.MOST:
            raise DocumentRefusedError(_("There are enough pictures: two people will look at them."))
        document = ReviewDocument.objects.create(
            review=review, kind=kind, storage_name=name, key=Base64Encoder.encode(key).decode(), size=len(picture)
        )
        audit.record(
            "manual_review.document_added", actor=actor, obj=("manual_review", review.public_id),
            detail={"document": document.public_id, "kind": kind},
        )  # fmt: skip
    return document


def shown(*, public_id: str, person: Staff) -> bytes | None:
    """Return the picture with the person's name and the time across it, the look recorded before; None: not theirs.

    Only for who was drawn, while the review is open. Raises DocumentRefusedError after 40 looks in an hour.
    """
    document = (
        ReviewDocument.objects.select_related("review").filter(public_id=public_id, removed_at__isnull=True).first()
    )
    if document is None or not _may_see(document.review, person):
        return None
    with transaction.atomic():
        hour = ReviewDocumentView.objects.filter(viewer=person, viewed_at__gt=DatabaseNow() - timedelta(hours=1))
        if hour.count() >= VIEWS_PER_HOUR:
            raise DocumentRefusedError(_("You have looked at many documents: wait an hour."))
        ReviewDocumentView.objects.create(document=document, viewer=person)
        audit.record(
            "manual_review.document_viewed", actor=person.actor, obj=("manual_review", document.review.public_id),
            detail={"document": document.public_id},
        )  # fmt: skip
    box = nacl.secret.SecretBox(Base64Encoder.decode(document.key.encode()))
    picture = box.decrypt(_path(document.storage_name).read_bytes())
    return previews.watermarked(picture, f"{person.email} {clock.now():%Y-%m-%d %H:%M} UTC")


def tidy() -> int:
    """Destroy the keys and files of documents whose review ended 30 days ago; return how many."""
    removed = 0
    kept = ReviewDocument.objects.filter(removed_at__isnull=True).select_related("review").order_by("pk")
    old = clock.now() - timedelta(days=KEPT_DAYS)
    for document in kept.iterator(BATCH):
        ended_at = review_state.of(document.review).ended_at
        if ended_at is not None and ended_at < old:
            _remove(document)
            removed += 1
    if removed:
        audit.record("manual_review.documents_removed", actor=audit.SYSTEM, detail={"count": removed})
    return removed


def _remove(document: ReviewDocument) -> None:
    """Without its key the file is noise, wherever a copy of it may lie; the file goes after the commit."""
    with transaction.atomic():
        ReviewDocument.objects.filter(pk=document.pk).update(key="", removed_at=DatabaseNow())
        effects.review_document_removed(_path(document.storage_name))


def _may_see(review: ManualReview, person: Staff) -> bool:
    is_drawn = ReviewerDraw.objects.filter(review=review, reviewer=person).exists()
    return is_drawn and review_state.of(review).is_open


def _path(name: str) -> Path:
    return Path(settings.RESTRICTED_ROOT) / name
