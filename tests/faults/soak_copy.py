"""What the soak runs on: a copy that brings back what was killed, and the ways to break it.

The real soak has the launcher itself (`make run`, its supervisord, its stores). In `make test` starting
one would take longer than the whole fault: there the session's running system is kept up by a thread.
"""

import http.client
import os
import signal
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random

from helpdesk.embedded import keys, places
from helpdesk.embedded.environment import PORTS, Running
from helpdesk.launcher import preflight, programs
from helpdesk.launcher.supervision import Supervisor
from helpdesk.settings import environment
from tests.faults import memory
from tests.faults.ground import Ground
from tests.support.databases import pointed_to
from tests.support.launched import Copy
from tests.support.system import RunningSystem

KEEP_EVERY_S = 0.1
# A first start with the demo's data, on a machine that may be busy.
START_PATIENCE_S = 600.0


@dataclass
class Supervised:
    """A running copy by roles; `leaders` is asked anew each time, because pids change."""

    system: RunningSystem
    ask: Callable[[], Mapping[str, int]]
    pause_s: float

    def leaders(self) -> dict[str, int]:
        """Return the first process of each role that is up."""
        # supervisord may be out of breath itself.
        with suppress(OSError, http.client.HTTPException, xmlrpc.client.Error):
            return {role: pid for role, pid in self.ask().items() if pid}
        return {}

    def kill(self, role: str) -> None:
        """Kill the role's first process, as the kernel does when memory runs out."""
        self._send(self.leaders().get(role, 0), signal.SIGKILL)

    def kill_child(self, role: str, random: Random) -> None:
        """Kill one of the role's children."""
        children = memory.tree(self.leaders().get(role, 0))[1:]
        if children:
            self._send(random.choice(children), signal.SIGKILL)

    def stop_immediately(self, role: str) -> None:
        """PostgreSQL's `pg_ctl restart -m immediate`: no checkpoint, recovery at the start."""
        self._send(self.leaders().get(role, 0), signal.SIGQUIT)

    def freeze(self, role: str) -> None:
        """Stop the whole role for a moment, as a machine out of breath does."""
        frozen = memory.tree(self.leaders().get(role, 0))
        for pid in frozen:
            self._send(pid, signal.SIGSTOP)
        time.sleep(self.pause_s)
        for pid in frozen:
            self._send(pid, signal.SIGCONT)

    def _send(self, pid: int, number: signal.Signals) -> None:
        if pid > 1:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


Act = Callable[[Supervised, Random], None]
# Faults of the soak. The stores' are last: only a copy with stores of its own has them.
ACTS: dict[str, Act] = {
    "web child killed": lambda copy, random: copy.kill_child("web", random),
    "socket server killed": lambda copy, _: copy.kill("sockets"),
    "worker child killed": lambda copy, random: copy.kill_child("worker", random),
    "mail process killed": lambda copy, _: copy.kill("mail"),
    "something frozen": lambda copy, random: copy.freeze(random.choice(["web", "sockets", "worker", "rounds", "mail"])),
    "worker killed": lambda copy, _: copy.kill("worker"),
    "rounds killed": lambda copy, _: copy.kill("rounds"),
    "beat killed": lambda copy, _: copy.kill("beat"),
    "Valkey killed": lambda copy, _: copy.kill("valkey"),
    "PostgreSQL restarted at once": lambda copy, _: copy.stop_immediately("postgres"),
}
# What comes back within moments: `make test` has no time for more.
QUICK = ("web child killed", "socket server killed", "worker child killed", "something frozen")


@contextmanager
def launched(ground: Ground) -> Iterator[Supervised]:
    """A copy of its own, as `make run` starts it; this process's Django is pointed at its database meanwhile."""
    var_dir = ground.system.running.places.var_dir / "soak"
    ports = {name: str(preflight.free_port()) for name in PORTS}
    # The same secret key: sessions opened here are good there.
    copy = Copy(
        var_dir, ports, SECRET_KEY=os.environ["SECRET_KEY"], PHAROS_AUTOMATIC_MAILS_PER_MIN="100000"
    )  # fmt: skip
    try:
        copy.wait_until_ready(START_PATIENCE_S)
        copy.remember_processes()
        where = places.of(var_dir)
        running = Running(where, keys.read_private(where.environment_file), True, True, "", "")
        supervisor = Supervisor(running, programs.table(running))

        place = environment.database(running.values["DATABASE_URL"])
        with pointed_to({name: place[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")}):
            yield Supervised(RunningSystem(running, ""), supervisor.pids, pause_s=2.0)
    finally:
        if copy.process.poll() is None:
            copy.end(signal.SIGINT)
        copy.kill_left()


@contextmanager
def kept_up(ground: Ground) -> Iterator[Supervised]:
    """The session's running system, whose ended processes a thread starts again."""
    done = threading.Event()
    system = ground.system

    def keep() -> None:
        while not done.wait(KEEP_EVERY_S):
            for role, process in list(system.processes.items()):
                if process.poll() is not None:
                    system.start(role)

    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        yield Supervised(system, lambda: {role: process.pid for role, process in system.processes.items()}, pause_s=0.3)
    finally:
        done.set()
        keeper.join()
