"""`make run` from the first start to the last process gone, with the real launcher and real processes."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.embedded.environment import PORTS
from helpdesk.launcher import preflight
from sandbox import people
from sandbox.conformance import __main__ as conformance
from sandbox.conformance.gateway import Gateway
from tests.support.launched import Copy, wait_until_gone
from tests.support.system import wait_for

pytestmark = [pytest.mark.xdist_group("launcher"), pytest.mark.timeout(900)]


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


def exchange_answers(var_dir: Path, ports: dict[str, str]) -> bool:
    """Ask the copy's sandbox exchange for an account, with the copy's own gateway key."""
    file = str(var_dir / "secrets" / "keys.json")
    words = [
        "--url",
        f"http://127.0.0.1:{ports['SANDBOX_PORT']}",
        "--key",
        file,
        "--account",
        "x",
        "--other-account",
        "y",
    ]
    gateway = Gateway(conformance.target(conformance.parser().parse_args(words)))
    try:
        return gateway.send("GET", f"/accounts/{people.PEOPLE[0].account_id}").status == 200
    except OSError:
        return False


def test_copy__from_first_start_to_a_kill__keeps_its_data_and_leaves_no_process(
    tmp_path: Path, ports: dict[str, str]
) -> None:
    var_dir = tmp_path / "var"
    with running(var_dir, ports) as copy:
        second = Copy(copy.var_dir, ports)
        assert second.wait() == 1
        assert f"already runs from {copy.var_dir} (process {copy.process.pid})" in second.output
        assert len(copy.left()) > 10
        wait_for(lambda: exchange_answers(var_dir, ports), "the sandbox exchange to know this copy's keys")
        assert copy.end(signal.SIGINT) == 0
        assert copy.left() == []

    with running(var_dir, ports) as copy:
        assert "creating the database cluster" not in copy.output
        copy.process.kill()
        copy.wait()
        wait_until_gone(copy)
