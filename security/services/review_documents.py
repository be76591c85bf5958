"""Documents of manual reviews: kept apart, each under a key of its own, seen by who was drawn, gone after 30 days.

Only pixels are kept: what a customer sends is drawn anew, and nothing but the picture survives. What is moved here out
of a case and is no picture is sealed as it came, and nobody is shown it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import nacl.secret
import nacl.utils
from django.conf import settings
from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from nacl.encoding import Base64Encoder

from accounts.models import Customer, Staff
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
# A review that opens and a document that is moved wait for each other: neither misses the other.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('review documents of ' || %s, 0))"


class DocumentRefusedError(Exception):
    """The document is not taken, or not shown; one sentence for the person says why."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file of the restricted store that no row names yet: where it lies, its key, and whether it is a picture."""

    name: str
    key: str
    size: int
    is_picture: bool


def add(*, review: ManualReview, kind: str, content: bytes, actor: Actor) -> ReviewDocument:
    """Keep one picture. Raises DocumentRefusedError: the review has ended, too many, too large, or no picture."""
    if len(content) > MAX_BYTES:
        raise DocumentRefusedError(_("This picture is too large: 15 MB at most."))
    picture = previews.image_preview(content, max_px=MAX_PX)
    if picture is None or files.scan(content) == StoredFile.Scan.INFECTED:
        raise DocumentRefusedError(_("This is not a picture that we can read: send a PNG, JPEG or WebP file."))
    sealed = _sealed(picture, is_picture=True)
    with transaction.atomic():
        if not review_state.of(review).is_open:
            raise DocumentRefusedError(_("This review has ended."))
        # Whoever mails pictures to a case cannot use up what the customer may send here.
        if ReviewDocument.objects.filter(review=review, customer__isnull=True).count() >= ReviewDocument.MOST:
            raise DocumentRefusedError(_("There are enough pictures: two people will look at them."))
        document = ReviewDocument.objects.create(
            review=review, kind=kind, storage_name=sealed.name, key=sealed.key, size=sealed.size
        )
        audit.record(
            "manual_review.document_added", actor=actor, obj=("manual_review", review.public_id),
            detail={"document": document.public_id, "kind": kind},
        )  # fmt: skip
    return document


def seal(content: bytes, *, is_infected: bool) -> Sealed:
    """Put into the restricted store what somebody attached to a case: a picture drawn anew, anything else as it came.

    Outside a transaction, since drawing takes a while. Until a row holds its key the file is noise. Raises StorageFull.
    """
    picture = None if is_infected else previews.image_preview(content, max_px=MAX_PX)
    return _sealed(content if picture is None else picture, is_picture=picture is not None)


def discard(sealed: Sealed) -> None:
    """Take away a file that no row is going to name."""
    _path(sealed.name).unlink(missing_ok=True)


def move_in(
    *, sealed: Sealed, customer: Customer, kind: str, is_sender_proven: bool, actor: Actor, detail: Mapping[str, str]
) -> ReviewDocument:
    """Keep a sealed file as a document of the customer, inside the caller's transaction, and record who moved it.

    Their open review has it at once; without one it waits for 30 days. `detail` says where it comes from.
    """
    _lock(customer.pk)
    review = open_review_of(customer)
    document = ReviewDocument.objects.create(
        review=review, customer=customer, kind=kind, storage_name=sealed.name, key=sealed.key, size=sealed.size,
        is_picture=sealed.is_picture, is_sender_proven=is_sender_proven,
    )  # fmt: skip
    what: dict[str, audit.Detail] = {"document": document.public_id, "kind": kind, "is_picture": sealed.is_picture}
    audit.record(
        "document.moved_to_restricted", actor=actor, obj=("customer", customer.public_id),
        detail={**what, **detail, "review": review.public_id if review else ""},
    )  # fmt: skip
    return document


def open_review_of(customer: Customer) -> ManualReview | None:
    """Return the customer's review about which somebody may still decide."""
    review = ManualReview.objects.filter(customer=customer).order_by("-pk").first()
    return review if review is not None and review_state.of(review).is_open else None


def take(*, review: ManualReview) -> int:
    """Give the review what was moved out of its customer's cases and waits, in the transaction that opens it."""
    _lock(review.customer_id)
    waiting = ReviewDocument.objects.filter(
        customer=review.customer_id, review__isnull=True, removed_at__isnull=True,
        created_at__gt=DatabaseNow() - timedelta(days=KEPT_DAYS),
    )  # fmt: skip
    taken = waiting.update(review=review)
    if taken:
        audit.record(
            "manual_review.documents_taken", actor=audit.SYSTEM, obj=("manual_review", review.public_id),
            detail={"count": taken},
        )  # fmt: skip
    return taken


def shown(*, public_id: str, person: Staff) -> bytes | None:
    """Return the picture with the person's name and the time across it, the look recorded before; None: not theirs.

    Only for who was drawn, while the review is open. Raises DocumentRefusedError after 40 looks in an hour, and for
    what is no picture.
    """
    document = (
        ReviewDocument.objects.select_related("review").filter(public_id=public_id, removed_at__isnull=True).first()
    )
    if document is None or document.review is None or not _may_see(document.review, person):
        return None
    if not document.is_picture:
        raise DocumentRefusedError(_("This is no picture: it is sealed as it came, and nobody is shown it."))
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
    """Destroy keys and files of documents 30 days after their review ended, or after no review took them."""
    removed = 0
    kept = ReviewDocument.objects.filter(removed_at__isnull=True).select_related("review").order_by("pk")
    old = clock.now() - timedelta(days=KEPT_DAYS)
    for document in kept.iterator(BATCH):
        ended_at = review_state.of(document.review).ended_at if document.review else document.created_at
        if ended_at is not None and ended_at < old:
            _remove(document)
            removed += 1
    if removed:
        audit.record("manual_review.documents_removed", actor=audit.SYSTEM, detail={"count": removed})
    return removed


def _lock(customer_pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, [str(customer_pk)])


def _sealed(content: bytes, *, is_picture: bool) -> Sealed:
    """Write it under a key of its own."""
    key = nacl.utils.random(nacl.secret.SecretBox.KEY_SIZE)
    name = files.new_name()
    files.write_whole(bytes(nacl.secret.SecretBox(key).encrypt(content)), _path(name))
    return Sealed(name, Base64Encoder.encode(key).decode(), len(content), is_picture)


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
