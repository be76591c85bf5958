"""Unsent text, kept on the server."""

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import Staff
from core import audit, files
from core.clock import DatabaseNow
from core.models import StoredFile
from core.storable_text import storable
from security.redaction import redact, redact_file
from tickets.models import Attachment, Draft, Ticket, Upload
from tickets.services import errors

# What one person may keep waiting in all their composers together.
MAX_WAITING_FILES = 100
MAX_WAITING_BYTES = 100 * 1024 * 1024


def save(*, ticket: Ticket, author: Staff, kind: str, text: str, version: int) -> int:
    """Keep `text` and return the draft's new version; `version` is the one the tab last knew, 0 for none.

    Raises StaleChange when another tab or device has saved a newer text. Secrets are masked here
    too: a draft is stored like everything else.
    """
    kept = redact(storable(text)).text
    mine = Draft.objects.filter(ticket=ticket, staff=author, kind=kind)
    with transaction.atomic():
        if mine.filter(version=version).update(text=kept, version=F("version") + 1, updated_at=DatabaseNow()):
            return version + 1
        if version or mine.exists():
            raise errors.StaleChange
        try:
            with transaction.atomic():
                Draft.objects.create(ticket=ticket, staff=author, kind=kind, text=kept)
        except IntegrityError as error:
            raise errors.StaleChange from error
    return 1


def upload(*, ticket: Ticket, author: Staff, name: str, content: bytes, kind: str = Upload.Kind.REPLY) -> Upload:
    """Keep a file for the reply or note (`kind`) that is being written.

    Raises TooManyFiles, TooLarge, TooMuchWaiting, FileInfected.
    """
    check_size(len(content))
    _check_room(ticket, author, kind, len(content))
    clean = redact_file(content, name)
    with transaction.atomic():
        _wait_for_own_uploads(author)
        _check_room(ticket, author, kind, len(content))
        stored = files.store(clean, name=redact(storable(name)).text)
        if stored.scan == StoredFile.Scan.INFECTED:
            raise errors.FileInfected
        row = Upload.objects.create(ticket=ticket, staff=author, file=stored, kind=kind)
        _audit("upload.added", row)
    return row


def remove_upload(*, upload: Upload) -> None:
    """Take a waiting file away, and its bytes with it unless a reply that was taken back names them too."""
    with transaction.atomic():
        if Upload.objects.filter(pk=upload.pk).delete()[0]:
            named = [Exists(model.objects.filter(file=OuterRef("pk"))) for model in (Attachment, Upload)]
            files.remove_unnamed(StoredFile.objects.filter(pk=upload.file_id).exclude(named[0] | named[1]))
            _audit("upload.removed", upload)


def check_size(size: int) -> None:
    """Refuse a file by its announced size, before it is read into memory. Raises TooManyFiles."""
    if size > settings.MAX_UPLOAD_BYTES:
        raise errors.TooManyFiles


def _check_room(ticket: Ticket, author: Staff, kind: str, size: int) -> None:
    mine = Upload.objects.filter(staff=author)
    count, total = _sums(mine.filter(ticket=ticket, kind=kind))
    if count >= settings.MAX_FILES_PER_MESSAGE:
        raise errors.TooManyFiles
    if total + size > settings.MAX_MESSAGE_BYTES:
        raise errors.TooLarge
    count, total = _sums(mine)
    if count >= MAX_WAITING_FILES or total + size > MAX_WAITING_BYTES:
        raise errors.TooMuchWaiting


def _sums(uploads: QuerySet[Upload]) -> tuple[int, int]:
    found = uploads.aggregate(count=Count("pk"), size=Coalesce(Sum("file__size"), 0))
    return found["count"], found["size"]


def _wait_for_own_uploads(author: Staff) -> None:
    """Two tabs at once: each counts what the other has kept. The lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"uploads of {author.pk}"])


def version_of(*, ticket: Ticket, author: Staff, kind: str) -> int:
    """Return the stored draft's version, 0 for none."""
    found = Draft.objects.filter(ticket=ticket, staff=author, kind=kind).values_list("version", flat=True).first()
    return found or 0


def _audit(action: str, upload: Upload) -> None:
    audit.record(
        action,
        actor=upload.staff.actor,
        obj=("ticket", upload.ticket.public_id),
        detail={"upload": upload.public_id, "kind": upload.kind},
    )
