"""`make run` from the first start to the last process gone, with the real launcher and real processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.embedded.environment import PORTS
from helpdesk.embedded.places import ROOT
from helpdesk.launcher import preflight

pytestmark = [pytest.mark.xdist_group("launcher"), pytest.mark.timeout(240)]
START_PATIENCE_S = 150.0
STOP_PATIENCE_S = 15.0


class Copy:
    """One launcher on a VAR_DIR and ports of its own, started as a person would start it."""

    def __init__(self, var_dir: Path, ports: dict[str, str]) -> None:
        """Start it; what it says is collected."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHAROS_", "DATABASE_"))}
        for name in ("REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "MAKELEVEL"):
            kept.pop(name, None)
        self.var_dir = var_dir
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "helpdesk.launcher"], cwd=ROOT, env=kept | ports | {"VAR_DIR": str(var_dir)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def output(self) -> str:
        """Everything said so far."""
        return "".join(self.said)

    def wait_until_ready(self) -> None:
        """Return when the sign-ins are printed; fails with what was said otherwise."""
        assert self._ready.wait(START_PATIENCE_S), self.output
        assert "Ctrl-C stops everything" in self.output, self.output

    def end(self, number: signal.Signals) -> int:
        """Send one signal to the launcher; returns its exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Return the exit status once the launcher is gone."""
        code = self.process.wait(STOP_PATIENCE_S)
        self._reader.join(STOP_PATIENCE_S)
        return code

    def processes(self) -> dict[int, str]:
        """Return what still runs of this copy, wherever it hangs in the process tree."""
        mark = f"VAR_DIR={self.var_dir}".encode()
        return {pid: name for pid, name, environment in every_process() if mark in environment.split(b"\0")}

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "Ctrl-C stops everything" in line:
                self._ready.set()
        self.process.stdout.close()
        self._ready.set()


def every_process() -> Iterator[tuple[int, str, bytes]]:
    """Return pid, name and environment of every process that we may look into."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "comm").read_text().strip(), (folder / "environ").read_bytes()
        except OSError:
            continue


def wait_until_gone(copy: Copy) -> None:
    """Fail with the names of what is left when the copy's processes have not ended in time."""
    give_up = time.monotonic() + STOP_PATIENCE_S
    while left := copy.processes():
        assert time.monotonic() < give_up, left
        time.sleep(0.05)


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data that survives from start to start."""
    return tmp_path_factory.mktemp("copy") / "var"


@pytest.fixture
def ports() -> dict[str, str]:
    """Free ports."""
    return {name: str(preflight.free_port()) for name in PORTS}


@pytest.fixture
def copy(var_dir: Path, ports: dict[str, str]) -> Iterator[Copy]:
    """A ready copy; whatever a test leaves of it is killed, by process id."""
    found = Copy(var_dir, ports)
    try:
        found.wait_until_ready()
        yield found
    finally:
        if found.process.poll() is None:
            found.end(signal.SIGINT)
        for pid in found.processes():
            os.kill(pid, signal.SIGKILL)


def test_copy__interrupted_by_ctrl_c__leaves_no_process_and_exits_zero(copy: Copy) -> None:
    assert copy.processes()

    assert copy.end(signal.SIGINT) == 0

    assert copy.processes() == {}


def test_copy__started_a_second_time_beside_itself__is_refused_by_name(copy: Copy, ports: dict[str, str]) -> None:
    second = Copy(copy.var_dir, ports)

    assert second.wait() == 1
    assert f"already runs from {copy.var_dir} (process {copy.process.pid})" in second.output


def test_copy__whose_launcher_is_killed__leaves_no_process(copy: Copy) -> None:
    copy.process.kill()
    copy.wait()

    wait_until_gone(copy)


def test_copy__started_after_a_kill__keeps_its_data_and_serves(copy: Copy) -> None:
    assert "creating the database cluster" not in copy.output
    assert "stopping" not in copy.output
