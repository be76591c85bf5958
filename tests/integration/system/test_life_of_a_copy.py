"""`make run` from the first start to the last process gone, with the real launcher and real processes."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.embedded.environment import PORTS
from helpdesk.launcher import preflight
from tests.support.launched import Copy, wait_until_gone

pytestmark = [pytest.mark.xdist_group("launcher"), pytest.mark.timeout(240)]


@pytest.fixture
def ports() -> dict[str, str]:
    """Free ports."""
    return {name: str(preflight.free_port()) for name in PORTS}


@contextlib.contextmanager
def running(var_dir: Path, ports: dict[str, str]) -> Iterator[Copy]:
    """A ready copy; whatever a test leaves of it is killed, by process id."""
    found = Copy(var_dir, ports)
    try:
        found.wait_until_ready()
        found.remember_processes()
        yield found
    finally:
        if found.process.poll() is None:
            found.end(signal.SIGINT)
        found.kill_left()


def test_copy__from_first_start_to_a_kill__keeps_its_data_and_leaves_no_process(
    tmp_path: Path, ports: dict[str, str]
) -> None:
    var_dir = tmp_path / "var"
    with running(var_dir, ports) as copy:
        second = Copy(copy.var_dir, ports)
        assert second.wait() == 1
        assert f"already runs from {copy.var_dir} (process {copy.process.pid})" in second.output
        assert len(copy.left()) > 10
        assert copy.end(signal.SIGINT) == 0
        assert copy.left() == []

    with running(var_dir, ports) as copy:
        assert "creating the database cluster" not in copy.output
        copy.process.kill()
        copy.wait()
        wait_until_gone(copy)
