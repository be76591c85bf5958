"""The whole system as real processes, on a database clone, with the ports and folders of this test process.

The processes share settings with the test process (same keys, ports, VAR_DIR, Redis) and differ only in
the database; `system_db` points the test process there too.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pytest_django import DjangoDbBlocker

from helpdesk.embedded.environment import PORTS, Running, with_database
from helpdesk.embedded.places import ROOT
from helpdesk.launcher import programs, readiness
from helpdesk.launcher.programs import Program
from helpdesk.launcher.progress import tail
from tests.support.databases import SYSTEM_RUNS, TestStores, pointed_at
from tests.support.session import Session

T = TypeVar("T")
READY_PATIENCE_S = 240.0
STOP_PATIENCE_S = 10.0
# Long enough to click "Undo" on a busy machine, short enough to wait for the mail itself.
UNDO_SEND_S = 4
LOG_LINES = 40


@dataclass
class RunningSystem:
    """Web, sockets, worker, rounds, beat and mail of one copy, each to be stopped and started by a test that wants to."""

    running: Running
    database: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    # For the kernel the parent is a thread (prctl(2)): a process started by one that ends would end with it.
    _parent: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, max_workers=1))

    @property
    def url(self) -> str:
        """Origin of pages and API."""
        return f"http://localhost:{self.running.values['PORT']}"

    @property
    def socket_url(self) -> str:
        """Origin of the sockets."""
        return f"ws://localhost:{self.running.values['WS_PORT']}"

    @property
    def content_url(self) -> str:
        """Origin of user content."""
        return f"http://127.0.0.1:{self.running.values['CONTENT_PORT']}"

    @property
    def smtp_port(self) -> int:
        """Port of the inbound mail listener on 127.0.0.1."""
        return int(self.running.values["SMTP_PORT"])

    @property
    def postbox(self) -> Path:
        """The folder of sent demo mail."""
        return self.running.places.var_dir / "postbox"

    @property
    def table(self) -> dict[str, Program]:
        """The processes by name, as `make run` starts them."""
        return {program.name: program for program in programs.desk(self.running)}

    def start(self, *names: str) -> None:
        """Start the named processes, all without a name; they live on when the thread that asked has ended."""
        self._parent.submit(self._start, *names).result()

    def _start(self, *names: str) -> None:
        where = self.running.places
        table_file = where.run / "programs.json"
        programs.write_table(table_file, self.table.values())
        environment = self.running.process_environment(holds_seal=True, starts_others=True) | {"PYTHONUNBUFFERED": "1"}
        for name in names or self.table:
            with (where.log / f"{name}.log").open("a") as log:
                self.processes[name] = subprocess.Popen(
                    programs.bound(table_file, self.table[name]), cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip

    def stop(self, *names: str, number: signal.Signals | None = None) -> None:
        """Stop the named processes, all without a name: as the table says, or with signal `number`."""
        stopping = {name: self.processes.pop(name) for name in names or tuple(self.processes)}
        for name, process in stopping.items():
            process.send_signal(number or self.table[name].stop_signal)
        for process in stopping.values():
            try:
                process.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def readiness(self) -> dict[str, Any]:
        """Return what /readyz says, empty while nobody answers."""
        return readiness.ask(self.running)

    def wait_until_ready(self) -> None:
        """Return when every part answers; fails with the logs' last lines when one ended or time is up."""
        give_up = time.monotonic() + READY_PATIENCE_S
        while not (self._ended() or self.readiness().get("status") == readiness.READY):
            if time.monotonic() > give_up:
                pytest.fail(f"The system is not ready: {self.readiness()}\n{self.logs()}", pytrace=False)
            time.sleep(0.1)
        if ended := self._ended():
            pytest.fail(f"{ended} ended: {tail(self.running.places.log / f'{ended}.log', 4)}", pytrace=False)

    def manage(self, *words: str) -> str:
        """Run a management command on the system's database; returns what it printed, fails when it failed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, text=True, capture_output=True, check=False,
            env=self.running.process_environment(holds_seal=True),
        )  # fmt: skip
        assert done.returncode == 0, f"manage.py {' '.join(words)}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def logs(self) -> str:
        """Return the last lines of every process's log."""
        parts = []
        for path in sorted(self.running.places.log.glob("*.log")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
            parts.append("\n".join([f"── {path.name}", *lines]))
        return "\n".join(parts)

    def _ended(self) -> str:
        return next((name for name, process in self.processes.items() if process.poll() is not None), "")


def wait_for(condition: Callable[[], T], what: str, patience_s: float = 45.0) -> T:
    """Return the first true answer of `condition`; fails naming `what` when none came in time."""
    give_up = time.monotonic() + patience_s
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > give_up:
            pytest.fail(f"waited {patience_s:.0f} s for {what}", pytrace=False)
        time.sleep(0.05)


def of_database(session: Session, name: str) -> RunningSystem:
    """Return the system of this process on the database `name`; nothing is started yet."""
    names = (
        "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_VERIFIER_URL", "REDIS_URL", "SECRET_KEY", "VAR_DIR",
        "DJANGO_SETTINGS_MODULE",
    )  # fmt: skip
    values = {key: value for key, value in os.environ.items() if key.startswith("PHAROS_") or key in (*names, *PORTS)}
    for url in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_VERIFIER_URL"):
        values[url] = with_database(values[url], name)
    values["PHAROS_UNDO_SEND_S"] = str(UNDO_SEND_S)
    # Faults and load mean floods of new cases, each of which is owed its confirmation.
    values["PHAROS_AUTOMATIC_MAILS_PER_MIN"] = "100000"
    # A crowd comes from one machine, and says whom each connection stands for.
    values["PHAROS_TRUSTED_PROXY_NETWORKS"] = "127.0.0.0/8"
    # Where bodies and uploads lie until they have arrived; a fault fills it.
    spool = session.own.var_dir / "spool"
    spool.mkdir(exist_ok=True)
    values["TMPDIR"] = str(spool)
    return RunningSystem(Running(session.own, values, False, False, "", ""), name)


@pytest.fixture(scope="session")
def running_system(request: pytest.FixtureRequest, test_stores: TestStores) -> Iterator[RunningSystem]:
    """The system, started for the first test that asks and stopped after the last.

    Mark the module `pytestmark = pytest.mark.xdist_group("system")`: one copy serves all such tests.
    """
    name = f"{test_stores.session.database}_system"
    test_stores.clone(name)
    system = of_database(test_stores.session, name)
    request.config.stash[SYSTEM_RUNS] = True
    system.start()
    try:
        system.wait_until_ready()
        request.config.stash[SYSTEM] = system
        yield system
    finally:
        system.stop()
        request.config.stash[SYSTEM_RUNS] = False
        test_stores.drop(name)


@pytest.fixture
def system_db(running_system: RunningSystem, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Point this process's Django at the running system's database, with real commits that stay."""
    with django_db_blocker.unblock(), pointed_at(running_system.database):
        yield running_system.database


SYSTEM = pytest.StashKey[RunningSystem]()


def _group(item: pytest.Item) -> object:
    marker = item.get_closest_marker("xdist_group")
    return marker.args[0] if marker and marker.args else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Bring the system back for a test that needs it after others that did not."""
    system = item.config.stash.get(SYSTEM, None)
    if system is not None and not system.processes and "running_system" in getattr(item, "fixturenames", ()):
        item.config.stash[SYSTEM_RUNS] = True
        system.start()
        system.wait_until_ready()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the system behind the last test of its group: its rounds would take a tenth of the machine from the rest."""
    system = item.config.stash.get(SYSTEM, None)
    if system is not None and system.processes and (nextitem is None or _group(nextitem) != _group(item)):
        system.stop()
        item.config.stash[SYSTEM_RUNS] = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the processes' logs to a failed test of the running system."""
    report = yield
    if report.failed and "running_system" in getattr(item, "fixturenames", ()):
        system = item.config.stash.get(SYSTEM, None)
        if system is not None:
            report.sections.append(("logs of the running system", system.logs()))
    return report
