"""Files that come piece by piece, from whomever: each piece encrypted, the whole looked at by the malware scanner."""

from typing import Any

import nacl.secret
import nacl.utils
from django.db.models import Manager
from nacl.encoding import Base64Encoder

from core import files
from core.models import StoredFile
from tickets.models.partial_upload import PartialUpload
from tickets.services import errors


class OutOfStep(Exception):
    """A piece that does not begin where the last one ended; `received` says where that is."""

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


def new_key() -> str:
    """Return a key for one file."""
    return Base64Encoder.encode(nacl.utils.random(nacl.secret.SecretBox.KEY_SIZE)).decode()


def grow(upload: PartialUpload, parts: "Manager[Any]", *, start: int, content: bytes) -> bool:
    """Add the next bytes of a file whose row is locked; False when it was whole, infected, and removed.

    Raises OutOfStep, TooManyFiles (more than announced).
    """
    if start != upload.received:
        raise OutOfStep(upload.received)
    if start + len(content) > upload.size:
        raise errors.TooManyFiles
    if content:
        parts.create(start=start, content=_box(upload).encrypt(content))
        upload.received = start + len(content)
        upload.save(update_fields=["received"])
    if upload.is_whole and files.scan(content_of(upload, parts)) == StoredFile.Scan.INFECTED:
        upload.delete()
        return False
    return True


def content_of(upload: PartialUpload, parts: "Manager[Any]") -> bytes:
    """Return what has come of a file."""
    box = _box(upload)
    return b"".join(box.decrypt(bytes(part)) for part in parts.order_by("start").values_list("content", flat=True))


def _box(upload: PartialUpload) -> nacl.secret.SecretBox:
    return nacl.secret.SecretBox(Base64Encoder.decode(upload.key.encode()))
