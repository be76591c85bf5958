"""What is done between the stores and the processes: roles, migrations, demo data, each as the right role."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from helpdesk.embedded import postgres
from helpdesk.embedded.environment import DATABASE, Running
from helpdesk.embedded.places import ROOT
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher.progress import Progress

MAY_CREATE_ROLES = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"


def prepare_database(running: Running, progress: Progress) -> None:
    """Create database and roles where that is ours to do, then migrate; safe to repeat."""
    admin_url = running.values["DATABASE_ADMIN_URL"]
    if running.starts_postgres:
        postgres.create_database(admin_url, DATABASE)
    elif admin_url:
        _check_admin(admin_url)
    run(running, progress, "the preparation of the database", ["-m", "helpdesk.launcher.prepare"], owns_database=True)


def command(running: Running, progress: Progress, *words: str, owns_database: bool = False) -> None:
    """Run one management command and pass its lines on; raises SetupError when it fails."""
    run(running, progress, f"`manage.py {words[0]}`", ["manage.py", *words], owns_database=owns_database)


def run(running: Running, progress: Progress, what: str, words: list[str], *, owns_database: bool = False) -> None:
    """Run Python with these words and pass its lines on; raises SetupError with its last words when it fails."""
    environment = running.process_environment(holds_seal=True, owns_database=owns_database)
    environment["PYTHONUNBUFFERED"] = "1"
    said: list[str] = []
    with _process([sys.executable, *words], environment) as process:
        for line in process.stdout or ():
            said.append(line.rstrip())
            if line.strip() and "Traceback" not in "".join(said[-40:]):
                progress.say(line.strip())
        code = process.wait()
    if code != 0:
        detail = "\n".join(said[-25:])
        message = f"{what[:1].upper()}{what[1:]} failed: {postgres.last_line(detail)}"
        raise SetupError(f"{message}\n{detail}" if "Traceback" in detail else message)


def _check_admin(admin_url: str) -> None:
    try:
        with psycopg.connect(admin_url, connect_timeout=5) as connection:
            row = connection.execute(MAY_CREATE_ROLES).fetchone()
    except psycopg.OperationalError as error:
        message = f"DATABASE_URL cannot be reached: {str(error).strip().splitlines()[0]}"
        raise SetupError(message) from error
    if row is None or not row[0]:
        message = (
            "The role in DATABASE_URL may not create roles: use one that may, "
            "or make the roles as docs/operations.md says and set DATABASE_OWNER_URL as well."
        )
        raise SetupError(message)


@contextmanager
def _process(words: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a child outside the terminal's process group, so that Ctrl-C reaches it through us only."""
    process = subprocess.Popen(
        words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace", start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
        if process.stdout is not None:
            process.stdout.close()
