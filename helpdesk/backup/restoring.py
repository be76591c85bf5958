"""Restoring a backup on an empty machine: check, copy, replay the log to its end, bring roles up to date, verify."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import psycopg

from helpdesk.backup import folder as paper
from helpdesk.backup import logs
from helpdesk.backup.folder import PARTIAL, Folder
from helpdesk.embedded import environment, places, postgres
from helpdesk.embedded.environment import Running, with_database
from helpdesk.embedded.places import ROOT, Places
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher import lock, programs, steps
from helpdesk.launcher.progress import Progress, tail

REPLAYED_LOG = "restored_wal"
RECOVERY = f"""
restore_command = 'cp {REPLAYED_LOG}/%f %p'
recovery_target_timeline = 'latest'
recovery_end_command = 'rm -rf {REPLAYED_LOG}'
"""
RECOVERY_PATIENCE_S = 540.0
URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL")
ROWS = "SELECT storage_name, created_at FROM core_storedfile"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """Where things go: the data of the cluster, the files, and the anchors of the audit log."""

    data: Path
    media: Path
    anchors: Path

    def refuse_unless_empty(self) -> None:
        """Raise SetupError when something is there that would be lost."""
        for path in (self.data, self.media):
            if path.exists() and any(path.iterdir()):
                message = f"{path} is not empty: restore on an empty machine, or move it away first."
                raise SetupError(message)


def put_files(folder: Folder, target: Target, say: Say) -> None:
    """Copy data, log and files into an empty target, each file checked against its list. Raises SetupError."""
    bases = folder.bases()
    if not bases or not folder.identity():
        message = f"{folder.root} holds no complete backup."
        raise SetupError(message)
    target.refuse_unless_empty()
    base = bases[-1]
    say(f"restoring the base copy of {base.name}")
    count = _copy_listed(
        folder, base.with_name(f"{base.name}.sha256"), lambda name: _below(target.data, base, folder, name)
    )
    # A base copy has empty folders that count.
    for path in base.rglob("*"):
        if path.is_dir():
            (target.data / path.relative_to(base)).mkdir(parents=True, exist_ok=True, mode=0o700)
    target.data.chmod(0o700)
    segments = _put_log(folder, base, target.data)
    say(f"{count} files of the database and {segments} segments of its log, all as they were")
    files = _copy_listed(folder, folder.root / "media.sha256", lambda name: target.media.parent / name)
    say(f"{files} files of messages, all as they were")
    if folder.anchors.exists() and not target.anchors.exists():
        paper.copy(folder.anchors, target.anchors)


def bring_up(where: Places, folder: Folder, progress: Progress) -> None:
    """Restore into an empty VAR_DIR whose keys are there: afterwards `make run` goes on where the backup ends."""
    if not where.keys_file.exists():
        message = (
            f"The keys are missing: put the former keys.json into {where.secrets} first. They are in no backup, "
            "and without them stored secrets and raw mail stay closed."
        )
        raise SetupError(message)
    places.prepare(where)
    with lock.take(where):
        running = resolved(where, folder)
        anchors = Path(os.environ.get("PHAROS_AUDIT_ANCHOR_FILE") or where.var_dir / "anchors" / "audit")
        put_files(folder, Target(where.postgres, where.var_dir / "media", anchors), progress.say)
        progress.say("replaying the log")
        with server(running, folder.settings()) as admin_url:
            with psycopg.connect(admin_url) as connection:
                row = connection.execute("SELECT pg_last_xact_replay_timestamp()").fetchone()
            progress.say(f"the last change in the log is of {row[0] if row and row[0] else 'before the base copy'}")
            steps.run(running, progress, "the check", ["-m", "helpdesk.backup.settle"], owns_database=True)
            report_missing(admin_url, where.var_dir / "media", progress.say)
    progress.say("restored")


def report_missing(url: str, media: Path, say: Say) -> int:
    """Say which files have a row and are not there; return how many. They are younger than the last copying."""
    with psycopg.connect(url) as connection:
        gone = [(name, made) for name, made in connection.execute(ROWS) if not (media / name).exists()]
    for name, made in gone:
        say(f"missing: the file {name} of {made:%Y-%m-%d %H:%M:%S}, which had not been copied yet")
    say(f"{len(gone)} files are missing" if gone else "every file is there")
    return len(gone)


@contextmanager
def server(running: Running, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """Run the restored server until the block ends; yields the administrator's URL once it is out of recovery.

    `settings` are those it must have at least to replay the log.
    """
    where = running.places
    program = programs.stores(replace(running, starts_valkey=False), settings=settings.items())[0]
    table = where.run / "restore.json"
    programs.write_table(table, [program])
    with (where.log / "postgres.log").open("a") as log:
        process = subprocess.Popen(
            programs.bound(table, program), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    url = running.values["DATABASE_ADMIN_URL"]
    try:
        postgres.wait_until_ready(
            url, patience_s=RECOVERY_PATIENCE_S, is_alive=lambda: process.poll() is None, is_writable=True
        )
        yield url
    except SetupError as problem:
        message = f"{problem} ({where.log / 'postgres.log'} ends: {tail(where.log / 'postgres.log')})"
        raise SetupError(message) from problem
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def resolved(where: Places, folder: Folder) -> Running:
    """Return the copy in `where`, with the database of the backup."""
    running = environment.resolve(where, {name: value for name, value in os.environ.items() if name not in URLS})
    database = folder.identity()["database"]
    return replace(
        running, values={**running.values, **{url: with_database(running.values[url], database) for url in URLS}}
    )


def _below(data: Path, base: Path, folder: Folder, name: str) -> Path:
    return data / (folder.root / name).relative_to(base)


def _copy_listed(folder: Folder, names: Path, place: Callable[[str], Path]) -> int:
    """Copy every file of a list; raises SetupError at the first that is missing or not as it was."""
    count = 0
    for name, wanted in paper.listed(names):
        source = folder.root / name
        if not source.exists() or paper.copy(source, place(name)) != wanted:
            message = f"The backup is damaged: {source} is {'not as it was' if source.exists() else 'missing'}."
            raise SetupError(message)
        count += 1
    return count


def _put_log(folder: Folder, base: Path, data: Path) -> int:
    """Lay the log ready for replaying, the segment in the making included; return how many segments."""
    wanted = logs.whole(folder, base)
    ready = data / REPLAYED_LOG
    ready.mkdir(mode=0o700)
    for path, value in wanted.items():
        if paper.copy(path, ready / path.name.removesuffix(PARTIAL)) != value and value:
            message = f"The backup is damaged: {path} is not as it was."
            raise SetupError(message)
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(RECOVERY)
        settings.writelines(f"{name} = {value}\n" for name, value in folder.settings().items())
    (data / "recovery.signal").touch(mode=0o600)
    shutil.rmtree(data / "pg_replslot", ignore_errors=True)
    (data / "pg_replslot").mkdir(mode=0o700)
    return len(wanted)
