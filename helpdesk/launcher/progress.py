"""What the launcher says: lines with the elapsed seconds, and warnings out of the processes' logs."""

import re
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

WORTH_SAYING = re.compile(
    r"\b(?:WARNING|ERROR|CRITICAL|FATAL|PANIC)\b|\[(?:warning|error|critical)\s*\]|^Traceback|gave up:"
)
# supervisord mentions these on every start; neither says anything about the desk.
KNOWN = re.compile(
    r"running as root|without any HTTP authentication|terminated by SIG|database system (?:was|is)|logfile ->"
)
LINES_PER_LOOK = 5
LOOK_EVERY_S = 0.5


class Progress:
    """Prints lines stamped with the seconds since the start."""

    def __init__(self) -> None:
        """Start the watch."""
        self.began = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    def say(self, text: str) -> None:
        """Print one stamped line at once."""
        print(f"[{self.elapsed_s:6.1f} s] {text}", flush=True)


class LogEcho:
    """Follows the log files from now on and repeats their warnings, a few lines at a time."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Remember the files; nothing is read yet."""
        self._files = tuple(files)
        self._ends: dict[Path, int] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="log echo", daemon=True)

    def start(self) -> None:
        """Begin to repeat warnings, from where each file ends now."""
        self._ends = {path: path.stat().st_size if path.exists() else 0 for path in self._files}
        self._thread.start()

    def stop(self) -> None:
        """Stop repeating: what processes say while they are being stopped is not worth a line."""
        self._done.set()
        if self._thread.is_alive():
            self._thread.join(2)

    def _follow(self) -> None:
        while not self._done.wait(LOOK_EVERY_S):
            for path in self._ends:
                warnings = [
                    line for line in self._new_lines(path) if WORTH_SAYING.search(line) and not KNOWN.search(line)
                ]
                for line in warnings[:LINES_PER_LOOK]:
                    print(f"{path.stem:>11} | {line}", file=sys.stderr, flush=True)
                if len(warnings) > LINES_PER_LOOK:
                    more = len(warnings) - LINES_PER_LOOK
                    print(f"{path.stem:>11} | … and {more} more in {path}", file=sys.stderr, flush=True)

    def _new_lines(self, path: Path) -> list[str]:
        try:
            size = path.stat().st_size
            if size < self._ends[path]:  # rotated
                self._ends[path] = 0
            with path.open("rb") as file:
                file.seek(self._ends[path])
                content = file.read(1_000_000)
        except FileNotFoundError:
            return []
        complete = content[: content.rfind(b"\n") + 1]
        self._ends[path] += len(complete)
        return complete.decode("utf-8", "replace").splitlines()


def tail(path: Path, lines: int = 3) -> str:
    """Return the last lines of a log on one line, for a message about a process that did not start."""
    try:
        content = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return "it wrote no log"
    last = [line.strip() for line in content.splitlines() if line.strip()][-lines:]
    return " / ".join(last) or "it wrote nothing"
