"""Files on disk: random names off the web root, type by content, written durably before the row that names them."""

import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.utils.module_loading import import_string

from core import disks, writes
from core.after_commit import after_commit
from core.content_types import sniff
from core.disks import StorageFull
from core.filenames import safe_filename
from core.models import StoredFile

# Files of one transaction that are written at once.
WRITERS = 4

_written: ContextVar[list[Path]] = ContextVar("written")


@contextlib.contextmanager
def all_or_none() -> Iterator[None]:
    """Around a transaction that stores several files: when the disk is full, those already written go too.

    Only then: after a lost connection nobody knows whether the rows that name them were committed.
    """
    written: list[Path] = []
    token = _written.set(written)
    try:
        yield
    except StorageFull:
        _unlink(written)
        raise
    finally:
        _written.reset(token)


@dataclass(frozen=True, slots=True)
class _Meanwhile:
    """Files that are being written while their messages are."""

    pool: ThreadPoolExecutor
    begun: "list[Future[None]]" = field(default_factory=list)

    def begin(self, content: bytes, storage_name: str) -> None:
        """Write it in a thread; in this one when the process is ending, which begins no threads any more."""
        try:
            self.begun.append(self.pool.submit(_write, content, storage_name))
        except RuntimeError:
            _write(content, storage_name)


_meanwhile: ContextVar[_Meanwhile | None] = ContextVar("files_meanwhile", default=None)


@contextlib.contextmanager
def meanwhile() -> Iterator[None]:
    """Let files be written beside what the block does: most of what one costs is waiting for the disk.

    Inside the caller's transaction: all are on disk when the block has ended. What failed is raised then.
    """
    with ThreadPoolExecutor(WRITERS) as pool:
        mine = _Meanwhile(pool)
        token = _meanwhile.set(mine)
        try:
            yield
        finally:
            _meanwhile.reset(token)
        for one in mine.begun:
            one.result()


def store(content: bytes, *, name: str) -> StoredFile:
    """Write `content` and return its new row, which is written with others if they are; raises StorageFull.

    The file is on disk before the row commits: a rolled-back row leaves an orphan that the daily
    sweep removes, never a row without its file.
    """
    kind = sniff(content, name)
    storage_name = new_name()
    _written.get([]).append(Path(settings.MEDIA_ROOT) / storage_name)
    meanwhile_ = _meanwhile.get()
    if meanwhile_ is None:
        _write(content, storage_name)
    else:
        meanwhile_.begin(content, storage_name)
    row = StoredFile(
        storage_name=storage_name,
        name=safe_filename(name),
        content_type=kind.mime,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        is_previewable=kind.is_image_safe_to_preview,
        is_dangerous=kind.is_dangerous,
        scan=scan(content),
    )
    writes.insert([row])
    return row


def read(file: StoredFile) -> bytes:
    """Return the content."""
    return path(file).read_bytes()


def path(file: StoredFile) -> Path:
    """Return where the content lies."""
    return Path(settings.MEDIA_ROOT) / file.storage_name


def remove_unnamed(files: models.QuerySet[StoredFile]) -> int:
    """Delete the rows of `files`, which nothing names any more; return how many.

    Their bytes go once that has committed; what a crash leaves behind is an orphan and goes with those.
    """
    with transaction.atomic():
        found = list(files.select_for_update(no_key=False))
        StoredFile.objects.filter(pk__in=[file.pk for file in found]).delete()
        after_commit("stored files removed", _unlink, [path(file) for file in found])
    return len(found)


def remove_orphans(*, older_than_s: float, now_s: float) -> int:
    """Delete files that no row names and that are older than `older_than_s` seconds; return how many."""
    root = Path(settings.MEDIA_ROOT)
    old = [found for found in root.glob("??/??/*") if found.is_file() and now_s - found.stat().st_mtime > older_than_s]
    names = {str(found.relative_to(root)): found for found in old}
    known = set(StoredFile.objects.filter(storage_name__in=names).values_list("storage_name", flat=True))
    orphans = [found for name, found in names.items() if name not in known]
    for found in orphans:
        found.unlink(missing_ok=True)
    return len(orphans)


def _unlink(paths: list[Path]) -> None:
    for found in paths:
        found.unlink(missing_ok=True)


def new_name() -> str:
    """Return a random relative path."""
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name[2:4]}/{name[4:]}"


def _write(content: bytes, storage_name: str) -> None:
    write_whole(content, Path(settings.MEDIA_ROOT) / storage_name)


def write_whole(content: bytes, target: Path) -> None:
    """Put `content` at `target`, on disk when this returns, whole or not at all; raises StorageFull."""
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).rename(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(temporary).unlink(missing_ok=True)
        if disks.is_no_room(error):
            raise StorageFull from error
        raise


def scan(content: bytes) -> str:
    """Ask the configured malware scanner; without one the file is shown as unscanned."""
    if not settings.MALWARE_SCANNER:
        return StoredFile.Scan.UNSCANNED
    scanner: Callable[[bytes], bool] = import_string(settings.MALWARE_SCANNER)
    return StoredFile.Scan.CLEAN if scanner(content) else StoredFile.Scan.INFECTED
