"""`make run` for tests: the real launcher with real processes, on a VAR_DIR and ports of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpdesk.embedded.places import ROOT

START_PATIENCE_S = 420.0
STOP_PATIENCE_S = 30.0


class Copy:
    """One launcher on a VAR_DIR and ports of its own, started as a person would start it."""

    def __init__(self, var_dir: Path, ports: Mapping[str, str], **given: str) -> None:
        """Start it, with `given` in its environment; what it says is collected."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHAROS_", "DATABASE_"))}
        for name in ("REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "MAKELEVEL"):
            kept.pop(name, None)
        self.var_dir = var_dir
        self.said: list[str] = []
        self.remembered: set[tuple[int, int]] = set()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "helpdesk.launcher"], cwd=ROOT, env={**kept, **ports, **given, "VAR_DIR": str(var_dir)},
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

    def wait_until_ready(self, patience_s: float = START_PATIENCE_S) -> None:
        """Return when the sign-ins are printed; fails with what was said otherwise."""
        assert self._ready.wait(patience_s), self.output
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

    def remember_processes(self) -> None:
        """Note everything that hangs below the launcher now: some of it hides its environment behind a title."""
        found = every_process()
        below = {self.process.pid}
        while more := {pid for pid, seen in found.items() if seen.parent in below} - below:
            below |= more
        self.remembered = {(pid, found[pid].started) for pid in below if pid in found}

    def left(self) -> list[str]:
        """Return the names of remembered processes that still run."""
        found = every_process()
        return [found[pid].name for pid, started in self.remembered if pid in found and found[pid].started == started]

    def kill_left(self) -> None:
        """End what a failed test left behind: only processes remembered as this copy's own."""
        found = every_process()
        for pid, started in self.remembered:
            if pid in found and found[pid].started == started:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "Ctrl-C stops everything" in line:
                self._ready.set()
        self.process.stdout.close()
        self._ready.set()


@dataclass(frozen=True)
class Seen:
    """One process: a pid alone could be somebody else's by now, pid and starting time cannot."""

    name: str
    parent: int
    started: int


def every_process() -> dict[int, Seen]:
    """Return every process of the machine that is not a zombie (proc(5), fields of stat)."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            head, _, rest = (folder / "stat").read_text().rpartition(")")
            fields = rest.split()
            if fields[0] != "Z":
                found[int(folder.name)] = Seen(head.partition("(")[2], int(fields[1]), int(fields[19]))
    return found


def wait_until_gone(copy: Copy) -> None:
    """Fail with the names of what is left when the copy's processes have not ended in time."""
    give_up = time.monotonic() + STOP_PATIENCE_S
    while left := copy.left():
        assert time.monotonic() < give_up, left
        time.sleep(0.05)
