"""One launcher per VAR_DIR: a kernel lock that dies with its holder, so that a stale lock cannot exist."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from helpdesk.embedded.places import Places
from helpdesk.embedded.problem import SetupError

PATIENCE_S = 15.0


def take(where: Places) -> IO[str]:
    """Return the held lock file; raises SetupError naming the process when another copy runs here.

    The pid in the file only serves the message. A launcher that was killed leaves its supervisor
    stopping everything in order for a moment: that is waited for.
    """
    path = where.run / "launcher.pid"
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        message = (
            f"Pharos already runs from {where.var_dir} (process {holder}): stop it, "
            "or set VAR_DIR, PORT, WS_PORT, CONTENT_PORT and SMTP_PORT for a second copy."
        )
        raise SetupError(message) from error
    _wait_for_former_supervisor(where)
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _wait_for_former_supervisor(where: Places) -> None:
    recorded = where.run / "supervisord.pid"
    if not recorded.exists():
        return
    pid = recorded.read_text(encoding="utf-8").strip()
    settings = os.fsencode(where.run / "supervisord.conf")
    give_up = time.monotonic() + PATIENCE_S
    while pid.isdigit() and _is_supervisor(int(pid), settings):
        if time.monotonic() > give_up:
            message = f"The supervisor of an earlier run (process {pid}) does not end: stop it with `kill {pid}`."
            raise SetupError(message)
        time.sleep(0.1)
    recorded.unlink(missing_ok=True)


def _is_supervisor(pid: int, settings: bytes) -> bool:
    try:
        return settings in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
