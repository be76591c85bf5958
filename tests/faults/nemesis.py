"""What breaks things: kills children of a process, takes Redis away and brings it back, at random moments."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random


def children(process: "subprocess.Popen[bytes]") -> list[int]:
    """Return the process ids of its direct children."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in listed.read_text(encoding="ascii").split()] if listed.exists() else []


def kill_a_child(process: "subprocess.Popen[bytes]", random: Random) -> int:
    """Send SIGKILL to one child; returns its process id, 0 when there was none."""
    found = children(process)
    if not found:
        return 0
    victim = random.choice(found)
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return victim


@contextmanager
def meanwhile(*acts: tuple[float, Callable[[], object]]) -> Iterator[None]:
    """Do each act so many seconds from now, while the block goes on; all are done when it ends."""
    timers = [threading.Timer(delay_s, act) for delay_s, act in acts]
    for timer in timers:
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.join()
