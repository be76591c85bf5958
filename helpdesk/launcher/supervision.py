"""supervisord: its generated configuration, its start, and the few questions the launcher asks it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xmlrpc.client import Error as RemoteError
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from helpdesk.embedded.environment import Running
from helpdesk.embedded.places import ROOT
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher import bound, programs
from helpdesk.launcher.programs import Program

LOG_BYTES = 5_000_000
LOG_COPIES = 2
LAST_GRACE_S = 4.0
BOUND = '"%(ENV_PHAROS_PYTHON)s" -I "%(ENV_PHAROS_BOUND)s" "%(ENV_PHAROS_RUN)s/programs.json"'
STARTING = frozenset({"STARTING", "RUNNING"})
# Paths reach supervisord through its environment: its configuration format has no quoting.
HEAD = """\
[supervisord]
nodaemon = true
silent = true
logfile = %(ENV_PHAROS_LOG)s/supervisord.log
logfile_maxbytes = {bytes}
logfile_backups = {copies}
pidfile = %(ENV_PHAROS_RUN)s/supervisord.pid
childlogdir = %(ENV_PHAROS_LOG)s
directory = %(ENV_PHAROS_ROOT)s

[unix_http_server]
file = %(ENV_PHAROS_SOCKETS)s/supervisor.sock
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """
[program:{name}]
command = {command}
autostart = false
autorestart = true
startsecs = 2
startretries = 1000
stopsignal = {signal}
stopwaitsecs = {wait_s}
killasgroup = true
redirect_stderr = true
stdout_logfile = %(ENV_PHAROS_LOG)s/{name}.log
stdout_logfile_maxbytes = {bytes}
stdout_logfile_backups = {copies}
"""
GROUP = """
[group:{name}]
programs = {members}
priority = {priority}
"""


class Supervisor:
    """One supervisord and the connection to it."""

    def __init__(self, running: Running, table: Sequence[Program]) -> None:
        """Remember the table; nothing starts yet."""
        self.running = running
        self.table = table
        self.process: subprocess.Popen[bytes] | None = None

    def _ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 -- whatever that method of the server returns
        """Call supervisord on a fresh connection: its transport does not recover from a refused one."""
        transport = SupervisorTransport(serverurl=f"unix://{self.running.places.sockets}/supervisor.sock")
        try:
            return getattr(ServerProxy("http://supervisor", transport).supervisor, method)(*arguments)
        finally:
            transport.close()

    def start(self) -> None:
        """Start supervisord with nothing running under it yet; it ends in order when this process dies."""
        where = self.running.places
        settings = where.run / "supervisord.conf"
        itself = Program(
            "supervisord",
            programs.SUPERVISION,
            (sys.executable, "-m", "supervisor.supervisord", "--configuration", str(settings)),
        )
        table_file = where.run / "programs.json"
        programs.write_table(table_file, [itself, *self.table])
        settings.write_text(configuration(self.table), encoding="utf-8")
        environment = self.running.process_environment(holds_seal=True, starts_others=True) | {
            "PHAROS_LOG": str(where.log),
            "PHAROS_RUN": str(where.run),
            "PHAROS_SOCKETS": str(where.sockets),
            "PHAROS_ROOT": str(ROOT),
            "PHAROS_PYTHON": sys.executable,
            "PHAROS_BOUND": str(Path(bound.__file__)),
            "PYTHONUNBUFFERED": "1",
        }
        (where.sockets / "supervisor.sock").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            programs.bound(table_file, itself), cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        give_up = time.monotonic() + 15
        while True:
            try:
                self._ask("getState")
            except (OSError, RemoteError) as error:
                if self.process.poll() is not None or time.monotonic() > give_up:
                    message = f"The supervisor did not start: see {where.log / 'supervisord.log'}."
                    raise SetupError(message) from error
                time.sleep(0.03)
            else:
                return

    def start_group(self, group: str) -> None:
        """Start the programs of one group without waiting for them."""
        for program in self.table:
            if program.group == group:
                self._ask("startProcess", f"{group}:{program.name}", False)

    def states(self) -> dict[str, str]:
        """Return the state of each program by name."""
        return {str(process["name"]): str(process["statename"]) for process in self._ask("getAllProcessInfo")}

    def pids(self) -> dict[str, int]:
        """Return the first process of each program by name, 0 for one that is down."""
        return {str(process["name"]): int(process["pid"]) for process in self._ask("getAllProcessInfo")}

    def is_up(self, name: str) -> bool:
        """Return whether the program runs or is being started for the first time."""
        return self.states().get(name) in STARTING

    def is_alive(self) -> bool:
        """Return whether supervisord itself runs."""
        return self.process is not None and self.process.poll() is None

    def wait(self, patience_s: float) -> int | None:
        """Return the status of a supervisord that ended by itself, which it never should; None when time is up."""
        if self.process is None:
            return 1
        try:
            return self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, patience_s: float) -> list[str]:
        """Stop the groups in reverse order, then supervisord; kill what is left. Returns the names killed here."""
        if self.process is None:
            return []
        leaders = self._leaders()
        self.process.terminate()
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            # Each program is told by the kernel that its parent died, and PostgreSQL may still finish in order.
            self.process.kill()
            self.process.wait()
            _wait_until_gone(leaders.values(), LAST_GRACE_S)
        return [name for name, pid in leaders.items() if _kill_group(pid)]

    def _leaders(self) -> dict[str, int]:
        try:
            return {name: pid for name, pid in self.pids().items() if pid}
        except (OSError, RemoteError):
            return {}


def configuration(table: Sequence[Program]) -> str:
    """Return supervisord's configuration; the stores stop last because their priority is the lowest."""
    parts = [HEAD.format(bytes=LOG_BYTES, copies=LOG_COPIES)]
    for program in table:
        prefix = "".join(f"{word} " for word in program.prefix)
        command = f"{prefix}{BOUND} {program.name}"
        parts.append(
            PROGRAM.format(
                name=program.name, command=command, signal=program.stop_signal.name.removeprefix("SIG"),
                wait_s=program.stop_wait_s, bytes=LOG_BYTES, copies=LOG_COPIES,
            )
        )  # fmt: skip
    for priority, group in enumerate((programs.STORES, programs.EXCHANGE, programs.DESK), start=1):
        members = ",".join(program.name for program in table if program.group == group)
        if members:
            parts.append(GROUP.format(name=group, members=members, priority=priority))
    return "".join(parts)


def _wait_until_gone(pids: Iterable[int], patience_s: float) -> None:
    give_up = time.monotonic() + patience_s
    while time.monotonic() < give_up and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.05)


def _kill_group(pid: int) -> bool:
    """Kill what is left of a process group; returns whether there was anything."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
