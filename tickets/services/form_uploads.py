"""Files for guided forms: begun, filled piece by piece from wherever it was left off, taken by the ticket."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from core import audit
from core.audit import Actor
from core.clock import from_now
from core.storable_text import storable
from security.redaction import redact
from tickets.models import FormUpload
from tickets.models.partial_upload import MAX_NAME
from tickets.services import errors, pieces
from tickets.services.senders import NewFile

KEPT_HOURS = 24
# What may wait of everybody together: strangers cannot fill the disk.
MOST_WAITING_BYTES = 2 * 1024**3


def begin(*, copy: str, client_id: str, name: str, size: int) -> FormUpload:
    """Announce a file of `size` bytes; announced again under the same id, it is the same, with what has come of it.

    The name is masked before it is kept. Raises TooManyFiles, TooLarge, TooMuchWaiting, FilesVanished for another size.
    """
    if size > settings.MAX_UPLOAD_BYTES:
        raise errors.TooManyFiles
    with transaction.atomic():
        _one_after_the_other(copy)
        known = FormUpload.objects.filter(copy=copy, client_id=client_id).first()
        if known is not None:
            if known.size != size:
                raise errors.FilesVanished
            return known
        waiting = FormUpload.objects.filter(copy=copy).aggregate(count=Count("pk"), size=Coalesce(Sum("size"), 0))
        if waiting["count"] >= settings.MAX_FILES_PER_MESSAGE:
            raise errors.TooManyFiles
        if waiting["size"] + size > settings.MAX_MESSAGE_BYTES:
            raise errors.TooLarge
        everybody = FormUpload.objects.aggregate(size=Coalesce(Sum("size"), 0))
        if everybody["size"] + size > MOST_WAITING_BYTES:
            raise errors.TooMuchWaiting(
                _("Too many files are on their way to us right now. Send the form without them.")
            )
        upload: FormUpload = FormUpload.objects.create(
            copy=copy,
            client_id=client_id,
            name=redact(storable(name)).text[:MAX_NAME],
            size=size,
            key=pieces.new_key(),
        )
        _audit("upload.added", upload)
    return upload


def add_part(*, copy: str, client_id: str, start: int, content: bytes) -> int:
    """Add the next bytes of a file; return how many are here now. The last ones have the malware scanner look at it.

    Raises OutOfStep, FilesVanished (never announced, or taken), TooManyFiles (more than announced), FileInfected.
    """
    with transaction.atomic():
        upload = FormUpload.objects.select_for_update(no_key=True).filter(copy=copy, client_id=client_id).first()
        if upload is None:
            raise errors.FilesVanished
        is_clean = pieces.grow(upload, upload.parts, start=start, content=content)
        if not is_clean:
            _audit("upload.refused", upload)
    if not is_clean:
        raise errors.FileInfected
    return upload.received


def remove(*, copy: str, client_id: str) -> bool:
    """Take back what has come of a file. False when there is none (any more)."""
    with transaction.atomic():
        upload = FormUpload.objects.filter(copy=copy, client_id=client_id).first()
        if upload is None or not FormUpload.objects.filter(pk=upload.pk).delete()[0]:
            return False
        _audit("upload.removed", upload)
    return True


def take(*, copy: str, client_ids: Sequence[str]) -> list[NewFile]:
    """Return these files, whole, and forget what was kept of them; in the transaction of the ticket they go with.

    Raises FilesVanished when one is not (wholly) here.
    """
    mine = FormUpload.objects.filter(copy=copy, client_id__in=client_ids)
    found = {one.client_id: one for one in mine.select_for_update(no_key=False).order_by("pk")}
    wanted = [found[client_id] for client_id in dict.fromkeys(client_ids) if client_id in found]
    if len(wanted) != len(client_ids) or not all(one.is_whole for one in wanted):
        raise errors.FilesVanished
    taken = [NewFile(name=one.name, content=pieces.content_of(one, one.parts)) for one in wanted]
    FormUpload.objects.filter(pk__in=[one.pk for one in wanted]).delete()
    return taken


def tidy() -> int:
    """Drop files that no form has taken within a day; return how many."""
    dropped = FormUpload.objects.filter(created_at__lt=from_now(-timedelta(hours=KEPT_HOURS))).delete()[1]
    count = dropped.get("tickets.FormUpload", 0)
    if count:
        audit.record("files.tidied", actor=audit.SYSTEM, detail={"form_uploads": count})
    return count


def _one_after_the_other(copy: str) -> None:
    """Let the files of one copy be announced one by one, so that the quota counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"files of form {copy}"])


def _audit(action: str, upload: FormUpload) -> None:
    detail = {"size": upload.size}
    audit.record(action, actor=Actor("anonymous"), obj=("formupload", upload.public_id), detail=detail)
