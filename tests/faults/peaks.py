"""How much memory real processes held at most: VmHWM of the running system's processes and of their readers."""

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from tests.faults import memory
from tests.support.system import RunningSystem

READER = "tickets.channels.email.reading_child"
EVERY_S = 0.03
_HIGH_WATER = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass
class Peaks:
    """The largest resident set seen, MB, by the name of the program; `reader` is the isolated reader of mail."""

    megabytes: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, megabytes: float) -> None:
        """Keep the larger one."""
        self.megabytes[name] = max(megabytes, self.megabytes.get(name, 0.0))

    def over(self, limit_mb: float) -> list[str]:
        """Return a sentence for each program that held more."""
        return [f"{name} held {held:.0f} MB" for name, held in sorted(self.megabytes.items()) if held >= limit_mb]

    def __str__(self) -> str:
        return "peaks: " + ", ".join(f"{name} {held:.0f} MB" for name, held in sorted(self.megabytes.items()))


@contextmanager
def watched(
    system: RunningSystem, *, on_reader: Callable[[psutil.Process], None] = lambda _process: None
) -> Iterator[Peaks]:
    """Watch every process of the system until the block ends; `on_reader` is told of each isolated reader once."""
    for _, process in _processes(system):
        with contextlib.suppress(OSError):
            Path(f"/proc/{process.pid}/clear_refs").write_text("5", encoding="ascii")  # the high-water mark of now
    with _watched(lambda: _processes(system), on_reader) as peaks:
        yield peaks


@contextmanager
def watched_readers() -> Iterator[Peaks]:
    """Watch the readers that this process starts itself until the block ends."""
    with _watched(_own_readers) as peaks:
        yield peaks


@contextmanager
def _watched(
    find: Callable[[], list[tuple[str, psutil.Process]]],
    on_reader: Callable[[psutil.Process], None] = lambda _process: None,
) -> Iterator[Peaks]:
    peaks = Peaks()
    ending = threading.Event()
    known: set[int] = set()

    def look() -> None:
        while not ending.wait(EVERY_S):
            for name, process in find():
                if name == "reader" and process.pid not in known:
                    known.add(process.pid)
                    on_reader(process)
                peaks.note(name, _high_water(process.pid))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        ending.set()
        watcher.join()


def _processes(system: RunningSystem) -> list[tuple[str, psutil.Process]]:
    """Return each process of the system and those below it, under the name of its program."""
    found = []
    for name, started in list(system.processes.items()):
        with contextlib.suppress(psutil.Error):
            parent = psutil.Process(started.pid)
            found += [(name, parent), *_below(name, parent)]
    return found


def _own_readers() -> list[tuple[str, psutil.Process]]:
    """Look at what the main thread has started only: all of /proc would take time from what is measured."""
    found = []
    for pid in memory.tree(os.getpid())[1:]:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            found += [("reader", process)] if READER in process.cmdline() else []
    return found


def _below(name: str, parent: psutil.Process) -> list[tuple[str, psutil.Process]]:
    found = []
    for child in parent.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found.append(("reader" if READER in child.cmdline() else name, child))
    return found


def _high_water(pid: int) -> float:
    try:
        match = _HIGH_WATER.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return 0.0
    return int(match[1]) / 1024 if match else 0.0
