"""The pytest plugin that begins a test session; named with `-p` in pyproject.toml, imported by nobody else.

It has to run before Django's settings are read, which is earlier than any conftest. It starts nothing
but a waiting process (`stores`), so tests that need no database pay nothing.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from helpdesk.embedded import places
from helpdesk.embedded.places import ROOT
from helpdesk.launcher import programs
from helpdesk.launcher.programs import Program
from tests.support import session
from tests.support.session import FOLDER_NAME, WORKER_NAME, Session


def start() -> Session:
    """Begin the session, or join it in a worker of pytest-xdist, and set this process's environment."""
    if WORKER_NAME in os.environ and FOLDER_NAME in os.environ:
        joined = session.current()
    else:
        joined = session.begin()
        start_stores(joined)
    places.prepare(joined.own)
    os.environ.update(joined.environment())
    if joined.is_in_memory:
        keep_files_in_memory(joined)
    return joined


def keep_files_in_memory(joined: Session) -> None:
    """Let temporary files be where the databases are: a disk takes four times as long to write the exchange's."""
    folder = joined.folder / f"tmp-{joined.worker}"
    folder.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None  # it is looked for once


def start_stores(begun: Session) -> None:
    """Start the process that will serve the stores to whoever asks first; it ends with this process."""
    program = Program("stores", programs.SUPERVISION, (sys.executable, "-m", "tests.support.stores", str(begun.folder)))
    table = begun.where.run / "stores.json"
    programs.write_table(table, [program])
    with (begun.folder / "stores.log").open("w") as log:
        process = subprocess.Popen(
            programs.bound(table, program), cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    owner = os.getpid()

    def end() -> None:
        if os.getpid() != owner:
            return
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(begun.folder, ignore_errors=True)
        if begun.where.sockets != begun.where.run:
            shutil.rmtree(begun.where.sockets, ignore_errors=True)

    atexit.register(end)


def pytest_report_header() -> str:
    """Say where the databases of this session come from."""
    return f"stores: {'embedded' if STARTED.starts_valkey else 'REDIS_URL'}, scratch folder {STARTED.folder}"


STARTED = start()
