"""Runs one program of the table so that it cannot outlive its parent; standard library only, started in isolation.

`python -I bound.py TABLE NAME`: TABLE is the JSON file written by `programs.write_table`.
"""

import ctypes
import json
import os
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2): the kernel sends this signal when the parent ends, however it ends


def end_with_parent(signal_number: int) -> None:
    """Ask the kernel to send this process `signal_number` when its parent dies; survives exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def main() -> None:
    """Become the program: narrow the environment, tie the process to its parent, exec."""
    entry = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))[sys.argv[2]]
    parent = os.getppid()
    end_with_parent(entry["stop_signal"])
    if os.getppid() != parent:
        sys.exit(0)
    os.environ.update(entry["environment"])
    os.execvp(entry["command"][0], entry["command"])  # noqa: S606 -- the table is ours, mode 0600


if __name__ == "__main__":
    main()
