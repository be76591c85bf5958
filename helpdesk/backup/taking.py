"""Taking a backup: a base copy now and then, the log all the time, every new file within seconds."""

import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import structlog
from django.conf import settings
from django.db import Error, connection

from core import audit, heartbeat
from core.clock import from_now
from core.models import StoredFile
from helpdesk.backup import folder as paper
from helpdesk.backup import logs, programs
from helpdesk.backup.folder import PARTIAL, Folder
from helpdesk.embedded.environment import with_database
from helpdesk.embedded.problem import SetupError

log = structlog.get_logger(__name__)

ROUND_S = 5.0
BASE_EVERY = timedelta(days=1)
# Older than this, the newest base copy is trouble: making the next one fails.
BASE_AT_MOST = timedelta(hours=25)
RETRY_BASE_S = 60.0
STAMP = "%Y%m%dT%H%M%SZ"
# A file's row may be seen this long after it was made: it commits with its message.
LATE_ROWS = timedelta(minutes=10)
PULSE = "backup"
IDENTITY = "SELECT system_identifier::text, timeline_id::text FROM pg_control_system(), pg_control_checkpoint()"
# Replaying refuses to begin with less than the server had when it wrote the log.
AT_LEAST = """
SELECT name, setting FROM pg_settings WHERE name IN (
    'max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions',
    'max_locks_per_transaction'
)"""
SLOT_STATE = "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s"
DROP_SLOT = "SELECT pg_drop_replication_slot(%s)"
OWED = "the log has a hole: a new base copy is being made"


class Taking:
    """One backup in the making, of the cluster at `url` into `folder`; `say` takes lines for a person."""

    def __init__(self, folder: Folder, url: str, *, keep: int, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.url = url
        self.keep = keep
        self.say = say
        self.anchors = ""
        # Why the last try at a base copy failed.
        self.trouble = ""
        self.copied: set[str] | None = None
        # The list of log segments is added to and shortened by two threads.
        self.listing = threading.Lock()

    def begin(self) -> None:
        """Claim the folder. Raises SetupError when it is another cluster's, or the server cannot be reached."""
        try:
            with psycopg.connect(with_database(self.url, "postgres"), connect_timeout=5) as server:
                row = server.execute(IDENTITY).fetchone()
                at_least = {str(name): str(value) for name, value in server.execute(AT_LEAST)}
        except psycopg.Error as error:
            message = f"The database cannot be reached for a backup: {str(error).strip().splitlines()[0]}"
            raise SetupError(message) from error
        if row is None:
            return
        self.anchors = _anchors_now()
        database = str(connection.settings_dict["NAME"])
        self.folder.claim({"cluster": row[0], "timeline": row[1], "database": database}, at_least)

    def base(self) -> None:
        """Copy the whole cluster, list its files, and let the oldest copies go, those never finished first."""
        remove_unfinished(self.folder)
        target = self.folder.base / datetime.now(UTC).strftime(STAMP)
        unfinished = target.with_name(f"{target.name}.unfinished")
        programs.base_copy(self.url, unfinished)
        unfinished.rename(target)
        files = sorted(path for path in target.rglob("*") if path.is_file())
        paper.write(target.with_name(f"{target.name}.sha256"), paper.list_of(self.folder.root, files))
        size = sum(path.stat().st_size for path in files)
        self.say(f"base copy {target.name}: {len(files)} files, {size // 1_000_000} MB")
        with self.listing:
            prune(self.folder, keep=self.keep)

    def pay(self) -> None:
        """Make the base copy that is due; when the log had a hole, what is before the hole goes afterwards."""
        mark = self.folder.owed()
        if mark:
            # From here on the log is kept for us, so that it follows on the copy.
            programs.make_slot(self.url)
        self.base()
        if mark:
            with self.listing:
                _drop_log(self.folder, before=logs.first_segment(self.folder.bases()[-1]))
            self.folder.settle(mark)

    def files(self) -> int:
        """Copy the files that are not there yet; return how many. The first time all rows are asked for."""
        rows = StoredFile.objects.order_by("pk")
        names = self.folder.root / "media.sha256"
        if self.copied is None:
            self.copied = {name for name, _ in paper.listed(names)}
        else:
            rows = rows.filter(created_at__gt=from_now(-LATE_ROWS))
        count = 0
        for name, sha256 in rows.values_list("storage_name", "sha256").iterator():
            source = Path(settings.MEDIA_ROOT) / name
            if f"media/{name}" in self.copied or not source.exists():
                continue
            found = paper.copy(source, self.folder.media / name)
            if found != sha256:
                log.error("file_differs_from_its_row", file=name)
            # One by one: a file that is not listed does not count.
            paper.append(names, f"{found}  media/{name}\n")
            self.copied.add(f"media/{name}")
            count += 1
        self._anchors()
        return count

    def segments(self) -> int:
        """List the log segments that are complete; return how many are new."""
        path = self.folder.root / "wal.sha256"
        with self.listing:
            known = {name for name, _ in paper.listed(path)}
            complete = [found for found in sorted(self.folder.wal.iterdir()) if found.suffix != PARTIAL]
            fresh = [found for found in complete if str(found.relative_to(self.folder.root)) not in known]
            if fresh:
                paper.append(path, paper.list_of(self.folder.root, fresh))
        return len(fresh)

    def _anchors(self) -> None:
        """Keep the anchors as they were a round ago: what they name is in the log that is here."""
        if self.anchors:
            paper.write(self.folder.anchors, self.anchors)
        self.anchors = _anchors_now()


def once(taking: Taking) -> None:
    """Take one backup that stands for itself: the state at its end."""
    taking.begin()
    taking.base()
    taking.say(f"{taking.files()} files copied")
    taking.segments()


def follow(taking: Taking, stop: threading.Event) -> None:
    """Keep the backup up to date until told to stop: log and files within seconds, a base copy a day."""
    taking.begin()
    receiving = Receiving(taking)
    bases = threading.Thread(target=_bases, args=(taking, stop), daemon=True)
    receiving.start()
    bases.start()
    taking.say("the log is being received; stop with Ctrl-C")
    try:
        while not stop.is_set():
            receiving.look_after()
            _round(taking, receiving, bases)
            stop.wait(ROUND_S)
    finally:
        receiving.end()


class Receiving:
    """The program that receives the log, started again whenever it ends."""

    def __init__(self, taking: Taking) -> None:
        self.taking = taking
        self.process: subprocess.Popen[str] | None = None
        self.complaint = ""

    def start(self) -> None:
        """Start it. On a fresh slot the log does not follow on what is here: then a base copy comes first."""
        with psycopg.connect(with_database(self.taking.url, "postgres"), autocommit=True) as server:
            state = server.execute(SLOT_STATE, [programs.SLOT]).fetchone()
            if state is None or state[0] == "lost":
                # Written down first: whatever fails from here on, the copy stays owed.
                if any(self.taking.folder.base.iterdir()) or any(self.taking.folder.wal.iterdir()):
                    log.error("backup_fell_behind", slot=programs.SLOT)
                    self.taking.folder.owe()
                if state:
                    server.execute(DROP_SLOT, [programs.SLOT])
        programs.make_slot(self.taking.url)
        if self.taking.folder.owed():
            self.process, self.complaint = None, OWED
            return
        self.process = programs.receive(self.taking.url, self.taking.folder.wal)
        self.complaint = ""

    def look_after(self) -> None:
        """Start it again when it has ended; what it said is told in the heartbeat until it runs."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None and self.process.stderr is not None:
            self.complaint = self.process.stderr.read().strip().rpartition("\n")[2]
            log.warning("log_not_received", reason=self.complaint)
        try:
            self.start()
        except (SetupError, psycopg.Error) as error:
            self.process = None
            self.complaint = str(error).strip().partition("\n")[0]

    def end(self) -> None:
        """Stop it; it finishes what it is writing."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


def _round(taking: Taking, receiving: Receiving, bases: threading.Thread) -> None:
    """Copy what is new and say how the backup is; a database that is away is waited for."""
    try:
        connection.close_if_unusable_or_obsolete()
        taking.files()
        taking.segments()
        trouble = taking.trouble if bases.is_alive() else "no base copies are made any more: start the backup again"
        is_ok, detail = condition(taking.folder, receiving.complaint, trouble, datetime.now(UTC))
        heartbeat.beat(PULSE, detail=detail, is_ok=is_ok)
    except (Error, OSError) as error:
        if isinstance(error, Error):
            connection.close()
        log.warning("backup_round_failed", reason=type(error).__name__)


def condition(folder: Folder, complaint: str, trouble: str, now: datetime) -> tuple[bool, str]:
    """Return whether the folder is a backup of this moment, and a line about it."""
    made = _newest(folder)
    newest = f"base copy of {made.strftime(STAMP)}" if made else "there is no base copy yet"
    is_ok = made is not None and now - made <= BASE_AT_MOST and not (complaint or trouble or folder.owed())
    return is_ok, "; ".join(line for line in (newest, complaint, trouble) if line)


def is_due(folder: Folder, now: datetime) -> bool:
    """Tell whether a base copy is to be made now."""
    made = _newest(folder)
    return made is None or now - made >= BASE_EVERY or bool(folder.owed())


def _newest(folder: Folder) -> datetime | None:
    bases = folder.bases()
    return datetime.strptime(bases[-1].name, STAMP).replace(tzinfo=UTC) if bases else None


def _bases(taking: Taking, stop: threading.Event) -> None:
    """Make a base copy whenever one is due; one that fails is told and tried again."""
    while not stop.is_set():
        try:
            if is_due(taking.folder, datetime.now(UTC)):
                taking.pay()
            taking.trouble = ""
        except Exception as error:
            taking.trouble = f"base copy failed: {str(error) or type(error).__name__}"
            log.exception("base_copy_failed")
            stop.wait(RETRY_BASE_S)
        stop.wait(ROUND_S)


def prune(folder: Folder, *, keep: int) -> None:
    """Let go all but the newest `keep` base copies, and the log that only they needed."""
    bases = folder.bases()
    for old in bases[:-keep]:
        old.with_name(f"{old.name}.sha256").unlink()
        _remove_tree(old)
    _drop_log(folder, before=logs.first_segment(bases[-keep:][0]))


def remove_unfinished(folder: Folder) -> None:
    """Remove what a base copy left that was killed: only one with a list is complete."""
    complete = set(folder.bases())
    for path in folder.base.iterdir():
        if path.is_dir() and path not in complete:
            _remove_tree(path)


def _drop_log(folder: Folder, *, before: str) -> None:
    gone = [
        path for path in folder.wal.iterdir() if path.name[8:24] < before[8:24] and not path.name.endswith(".history")
    ]
    for path in gone:
        path.unlink()
    if gone:
        kept = [
            (name, value) for name, value in paper.listed(folder.root / "wal.sha256") if (folder.root / name).exists()
        ]
        paper.write(folder.root / "wal.sha256", "".join(f"{value}  {name}\n" for name, value in kept))


def _anchors_now() -> str:
    path = audit.anchor_path()
    return path.read_text(encoding="ascii") if path.exists() else ""


def _remove_tree(root: Path) -> None:
    for path in sorted(root.rglob("*"), reverse=True):
        path.unlink() if path.is_file() or path.is_symlink() else path.rmdir()
    root.rmdir()
