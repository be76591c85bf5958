"""Files from visitors: begun, filled piece by piece from wherever it was left off, taken by a message."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from core import audit
from core.audit import Actor
from core.clock import from_now
from core.storable_text import storable
from livechat.models import Visitor, VisitorUpload
from security.redaction import redact
from tickets.models.partial_upload import MAX_NAME
from tickets.services import errors, pieces
from tickets.services.senders import NewFile

# What one visitor may keep waiting, announced or here.
MAX_WAITING_FILES = 40
MAX_WAITING_BYTES = 50 * 1024 * 1024
KEPT_HOURS = 24


def begin(*, visitor: Visitor, client_id: str, name: str, size: int) -> VisitorUpload:
    """Announce a file of `size` bytes; announced again under the same id, it is the same, with what has come of it.

    The name is masked before it is kept. Raises TooManyFiles, TooMuchWaiting, FilesVanished for another size.
    """
    if size > settings.MAX_UPLOAD_BYTES:
        raise errors.TooManyFiles
    with transaction.atomic():
        # One after the other for each visitor, so that the quota counts.
        locked = Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=visitor.pk)
        known = VisitorUpload.objects.filter(visitor=locked, client_id=client_id).first()
        if known is not None:
            if known.size != size:
                raise errors.FilesVanished
            return known
        _check_room(locked, size)
        upload = VisitorUpload.objects.create(
            visitor=locked,
            client_id=client_id,
            name=redact(storable(name)).text[:MAX_NAME],
            size=size,
            key=pieces.new_key(),
        )
        _audit("upload.added", upload)
    return upload


def add_part(*, visitor: Visitor, client_id: str, start: int, content: bytes) -> int:
    """Add the next bytes of a file; return how many are here now. The last ones have the malware scanner look at it.

    Raises OutOfStep, FilesVanished (never announced, or taken), TooManyFiles (more than announced), FileInfected.
    """
    with transaction.atomic():
        mine = VisitorUpload.objects.filter(visitor=visitor, client_id=client_id).select_related("visitor__customer")
        upload = mine.select_for_update(of=("self",), no_key=True).first()
        if upload is None:
            raise errors.FilesVanished
        is_clean = pieces.grow(upload, upload.parts, start=start, content=content)
        if not is_clean:
            _audit("upload.refused", upload)
    if not is_clean:
        raise errors.FileInfected
    return upload.received


def remove(*, visitor: Visitor, client_id: str) -> bool:
    """Take back what has come of a file. False when there is none (any more)."""
    with transaction.atomic():
        upload = VisitorUpload.objects.filter(visitor=visitor, client_id=client_id).first()
        if upload is None or not VisitorUpload.objects.filter(pk=upload.pk).delete()[0]:
            return False
        _audit("upload.removed", upload)
    return True


def take(*, visitor: Visitor, client_ids: Sequence[str]) -> list[NewFile]:
    """Return these files, whole, and forget what was kept of them; in the transaction of the message they go with.

    Raises FilesVanished when one is not (wholly) here, TooManyFiles and TooLarge as any message does.
    """
    if len(client_ids) > settings.MAX_FILES_PER_MESSAGE:
        raise errors.TooManyFiles
    mine = VisitorUpload.objects.filter(visitor=visitor, client_id__in=client_ids)
    found = {one.client_id: one for one in mine.select_for_update(no_key=False).order_by("pk")}
    wanted = [found[client_id] for client_id in client_ids if client_id in found]
    if len(wanted) != len(client_ids) or not all(one.is_whole for one in wanted):
        raise errors.FilesVanished
    if sum(one.size for one in wanted) > settings.MAX_MESSAGE_BYTES:
        raise errors.TooLarge
    taken = [NewFile(name=one.name, content=pieces.content_of(one, one.parts)) for one in wanted]
    VisitorUpload.objects.filter(pk__in=[one.pk for one in wanted]).delete()
    return taken


def forget(*, visitor: Visitor, client_ids: Sequence[str]) -> None:
    """Drop files of a message that is known already: its answer was lost, and the browser sent them once more."""
    VisitorUpload.objects.filter(visitor=visitor, client_id__in=client_ids).delete()


def tidy() -> int:
    """Drop files that no message has taken within a day; return how many."""
    dropped = VisitorUpload.objects.filter(created_at__lt=from_now(-timedelta(hours=KEPT_HOURS))).delete()[1]
    count = dropped.get("livechat.VisitorUpload", 0)
    if count:
        audit.record("files.tidied", actor=audit.SYSTEM, detail={"visitor_uploads": count})
    return count


def _check_room(visitor: Visitor, size: int) -> None:
    waiting = VisitorUpload.objects.filter(visitor=visitor).aggregate(count=Count("pk"), size=Coalesce(Sum("size"), 0))
    if waiting["count"] >= MAX_WAITING_FILES or waiting["size"] + size > MAX_WAITING_BYTES:
        raise errors.TooMuchWaiting


def _audit(action: str, upload: VisitorUpload) -> None:
    customer = upload.visitor.customer
    audit.record(
        action,
        actor=customer.actor if customer else Actor("anonymous"),
        obj=("visitor", upload.visitor.public_id),
        detail={"upload": upload.public_id, "size": upload.size},
    )
