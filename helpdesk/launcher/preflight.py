"""What must be true before anything starts, each failing with one clear sentence."""

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from helpdesk.embedded.environment import PORTS
from helpdesk.embedded.places import Places
from helpdesk.embedded.problem import SetupError

# Enough for the logs and data of a day's work.
FREE_BYTES = 300_000_000
HIGHEST_PORT = 65_535


def check(where: Places, given: Mapping[str, str]) -> None:
    """Raise SetupError for the first thing that would make the start fail."""
    ports(given)
    disk(where.var_dir)


def ports(given: Mapping[str, str]) -> None:
    """Check that every port is a free, different one on the loopback interface."""
    taken_by: dict[int, str] = {}
    for name, default in PORTS.items():
        raw = given.get(name) or str(default)
        if not raw.isdigit() or not 0 < int(raw) <= HIGHEST_PORT:
            message = f"{name} must be a port number between 1 and {HIGHEST_PORT}, not {raw!r}."
            raise SetupError(message)
        port = int(raw)
        if port in taken_by:
            message = f"{taken_by[port]} and {name} are both {port}: set {name} to another number."
            raise SetupError(message)
        taken_by[port] = name
        _bind(name, port)


def disk(folder: Path) -> None:
    """Check that the disk under `folder` has room."""
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        message = f"The disk under {folder} is full ({free // 1_000_000} MB free): make room, or set VAR_DIR elsewhere."
        raise SetupError(message)


def _bind(name: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = (
                "is in use" if not isinstance(error, PermissionError) else f"may not be used by user {os.geteuid()}"
            )
            message = f"Port {port} {reason}: set {name} to a free one, for example `{name}={free_port()} make run`."
            raise SetupError(message) from error


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
