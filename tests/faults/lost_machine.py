"""F22: a backup follows under load, is cut off at a random moment, and is restored on an empty machine."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import psycopg
from django.db import connection

from core import heartbeat
from core.models import StoredFile
from helpdesk.backup import restoring, taking
from helpdesk.backup.folder import Folder, listed
from helpdesk.embedded import places
from helpdesk.embedded.environment import with_database
from helpdesk.embedded.places import ROOT
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory
from tests.faults import results
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tickets.models import Mailbox

PATH = "/api/v1/tickets/"
# What may be missing is at most this old, and this long may the way back take.
RPO_S, RTO_S = 60.0, 600.0
CUT_WITHIN_S = 1.0
# What was there before the backup began takes as long as it is much; from then on it follows.
FIRST_COPY_S = 150.0
RECEIVED = "SELECT bool_or(flush_lsn >= %s) FROM pg_stat_replication WHERE application_name = 'pharos_backup'"
DROP_SLOT = (
    "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = 'pharos_backup' AND active",
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'pharos_backup'",
)
GAPS = """
SELECT public_id FROM tickets_ticket t
WHERE last_seq <> (SELECT count(*) FROM tickets_message WHERE ticket_id = t.id)
"""


@dataclass
class Load:
    """Mails with a file and tickets by the API, one after the other, each with the time of its acknowledgement."""

    ground: Ground
    recorder: Recorder
    box: Mailbox
    token: str
    stopping: threading.Event = field(default_factory=threading.Event)
    answered: dict[int, float] = field(default_factory=dict)

    def run(self) -> None:
        """Go on until told to stop."""
        while not self.stopping.is_set():
            for act in (self._mail, self._post):
                number = self.recorder.invoke(act.__name__)
                act(number)
                self.answered[number] = time.monotonic()
        connection.close()

    def _mail(self, number: int) -> None:
        mail = EmailMessage()
        mail["From"] = sender = f"f22-{self.recorder.run}-{number:05d}@example.com"
        mail["To"] = self.box.address
        mail["Subject"] = "A file"
        mail["Message-ID"] = f"<{sender}>"
        mail.set_content("The file is attached.")
        mail.add_attachment(os.urandom(3000), maintype="application", subtype="octet-stream", filename="file.bin")
        self.ground.mail(self.recorder, number, mail.as_bytes(), sender=sender, to=self.box.address)

    def _post(self, number: int) -> None:
        mark = self.recorder.mark(number)
        requester = {"address": f"f22-{self.recorder.run}-api@example.com"}
        body = {"subject": f"Fault {mark}", "text": f"Where is it? {mark}", "requester": requester}
        self.ground.post_until_answered(self.recorder, number, PATH, body, self.token)


@dataclass
class Seen:
    """What was measured over all rounds, in seconds."""

    stored: "Counter[int]" = field(default_factory=Counter)
    excused: dict[int, float] = field(default_factory=dict)
    received_s: float = 0.0
    restored_s: float = 0.0
    files: int = 0


def run(ground: Ground) -> Result:
    """Back up, cut, restore, compare; every round with a folder and a machine of its own."""
    recorder = Recorder("F22")
    box: Mailbox = MailboxFactory.create(slug=f"f22-{recorder.run}", address=f"f22-{recorder.run}@pharos.test")
    token = ground.token(StaffFactory.create(role="agent", email=f"f22-{recorder.run}@cast.test"), "write")
    seen = Seen()
    for _ in range(ground.rounds):
        load = Load(ground, recorder, box, token)
        work = ground.system.running.places.var_dir / f"f22-{recorder.run}"
        try:
            _round(ground, load, work, seen)
        finally:
            # Killed, and yet nobody is to wait for it.
            heartbeat.forget(taking.PULSE)
            with psycopg.connect(_admin_url(ground), autocommit=True) as server:
                for statement in DROP_SLOT:
                    server.execute(statement)
            shutil.rmtree(work, ignore_errors=True)
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    tally = recorder.tally(seen.stored, expected=dict.fromkeys(seen.excused, 0))
    remarks = [
        f"RPO: {len(seen.excused)} acknowledged writes missing, the oldest {max(seen.excused.values(), default=0.0):.2f} s",
        f"in the backup within {seen.received_s:.1f} s; RTO: restored and verified within {seen.restored_s:.1f} s",
        f"{seen.files} files read in the restored copies",
    ]
    return results.judge(ground, recorder, tally, remarks)


def _round(ground: Ground, load: Load, work: Path, seen: Seen) -> None:
    folder = Folder(work / "backup")
    first = _with_bytes(ground)
    backup = _backup(ground, folder)
    thread = threading.Thread(target=load.run)
    thread.start()
    try:
        ground.wait(lambda: bool(folder.bases()) or backup.poll() is not None, "the base copy", patience_s=FIRST_COPY_S)
        ground.wait(partial(_are_copied, folder, first), "the first copy of the files", patience_s=FIRST_COPY_S)
        old = dict(load.answered)
        files = _with_bytes(ground)
        waited = ground.wait(partial(_has_received, ground, _position(ground), folder, files), "the backup to have it")
        seen.received_s = max(seen.received_s, waited)
        time.sleep(ground.random.uniform(0, CUT_WITHIN_S))
    finally:
        os.killpg(backup.pid, signal.SIGKILL)
        cut = time.monotonic()
        load.stopping.set()
        thread.join()
        backup.wait()
    started = time.monotonic()
    machine = places.of(work / "machine")
    _restore(ground, folder, machine)
    seen.restored_s = max(seen.restored_s, time.monotonic() - started)
    if time.monotonic() - started > RTO_S:
        ground.notes.append(f"restoring took longer than {RTO_S:.0f} s")
    found = _found(ground, folder, machine, load, files, seen)
    seen.stored.update(found)
    for number, at in load.answered.items():
        if at < cut and not found[number] and number not in old and cut - at <= RPO_S:
            seen.excused[number] = cut - at
        elif at >= cut and not found[number]:
            seen.excused[number] = 0.0


def _with_bytes(ground: Ground) -> list[str]:
    """Return the files that are there now: a row without bytes, as attacks on the desk write them, cannot be copied."""
    media = ground.system.running.places.var_dir / "media"
    names = StoredFile.objects.values_list("storage_name", flat=True)
    return [name for name in names if (media / name).is_file()]


def _admin_url(ground: Ground) -> str:
    return with_database(ground.stores.base["DATABASE_ADMIN_URL"], ground.system.database)


def _backup(ground: Ground, folder: Folder) -> "subprocess.Popen[bytes]":
    environment = ground.system.running.process_environment(holds_seal=False) | {
        "DATABASE_ADMIN_URL": _admin_url(ground)
    }
    with (ground.system.running.places.log / "backup.log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "manage.py", "backup", "--to", str(folder.root), "--follow"], cwd=ROOT, env=environment,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def _position(ground: Ground) -> str:
    row = ground.owner.execute("SELECT pg_current_wal_lsn()").fetchone()
    return str(row[0]) if row else ""


def _has_received(ground: Ground, position: str, folder: Folder, files: list[str]) -> bool:
    with psycopg.connect(_admin_url(ground), autocommit=True) as server:
        row = server.execute(RECEIVED, [position]).fetchone()
    return bool(row and row[0]) and _are_copied(folder, files)


def _are_copied(folder: Folder, files: list[str]) -> bool:
    copied = {name for name, _ in listed(folder.root / "media.sha256")}
    return all(f"media/{name}" in copied for name in files)


def _restore(ground: Ground, folder: Folder, machine: places.Places) -> None:
    """Bring back the keys from elsewhere, then the backup, as a person would."""
    places.prepare(machine)
    shutil.copy(ground.stores.session.where.keys_file, machine.keys_file)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHAROS_", "DATABASE_"))}
    for name in ("REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    done = subprocess.run(
        [sys.executable, "manage.py", "restore", "--from", str(folder.root)], cwd=ROOT, check=False,
        env={**kept, "VAR_DIR": str(machine.var_dir)}, capture_output=True, text=True,
    )  # fmt: skip
    with (ground.system.running.places.log / "backup.log").open("a") as log:
        log.write(done.stdout + done.stderr)
    if done.returncode != 0 or "The audit chain is whole" not in done.stdout:
        ground.notes.append(f"restore ended with {done.returncode}: {done.stdout[-500:]} {done.stderr[-500:]}")


def _found(
    ground: Ground, folder: Folder, machine: places.Places, load: Load, files: list[str], seen: Seen
) -> "Counter[int]":
    """Start the restored server and count what is there: tickets and raw mails by number, files by their rows."""
    running = restoring.resolved(machine, folder)
    with restoring.server(running) as url, psycopg.connect(url) as server:
        subjects = [row[0] for row in server.execute("SELECT subject FROM tickets_ticket")]
        senders = [row[0] for row in server.execute("SELECT envelope_from FROM tickets_inboundmail")]
        rows = server.execute("SELECT storage_name FROM core_storedfile").fetchall()
        gaps = set(server.execute(GAPS))
    # What never had all its messages cannot have them restored.
    if made := gaps - set(ground.owner.execute(GAPS)):
        ground.notes.append(f"{len(made)} restored tickets have gaps: {', '.join(sorted(one for (one,) in made)[:5])}")
    kept = [name for (name,) in rows if (machine.var_dir / "media" / name).is_file()]
    seen.files += len(kept)
    if missing := set(files) - set(kept):
        ground.notes.append(f"{len(missing)} files of before the cut are not there")
    mine = f"f22-{load.recorder.run}-"
    marks = [load.recorder.mark(int(one.removeprefix(mine)[:5])) for one in senders if one.startswith(mine)]
    numbers: Callable[[list[str]], Counter[int]] = load.recorder.found
    return Counter({number: count for number, count in numbers(subjects + marks).items() if number in load.answered})
