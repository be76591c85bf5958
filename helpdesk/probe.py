"""`python -m helpdesk.probe NAME`: whether one process of the product is well, for container health checks.

Servers are asked over HTTP; processes without a port are judged by their heartbeat in the database.
"""

import os
import socket
import sys
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

import psycopg

from security.verifier.protocol import MOST_BYTES, decode, encode

PORTS = {"web": ("PORT", "8000"), "sockets": ("WS_PORT", "8001")}
SILENT_AFTER_S = 60
VERIFIER = "verifier"
HEARTBEAT = "SELECT extract(epoch FROM core.clock() - at) FROM core_heartbeat WHERE name = %s"


def main(name: str) -> int:
    """Return 0 when the process is well, 1 with one sentence when it is not."""
    try:
        complaint = verifier() if name == VERIFIER else server(name) if name in PORTS else heartbeat(name)
    except (URLError, OSError, psycopg.Error) as error:
        complaint = f"{name}: {type(error).__name__}"
    if complaint:
        sys.stderr.write(f"{complaint}\n")
    return 1 if complaint else 0


def server(name: str) -> str:
    """Ask /healthz; returns a complaint or nothing."""
    variable, default = PORTS[name]
    url = f"http://127.0.0.1:{os.environ.get(variable) or default}/healthz"
    with build_opener(ProxyHandler({})).open(Request(url, headers={"Host": _host()}), timeout=4) as response:
        return "" if response.status == 200 else f"{name}: HTTP {response.status}"


def verifier() -> str:
    """Ask the verifier through its socket, without the settings that it does not have."""
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(4)
        channel.connect(os.environ["VERIFIER_SOCKET"])
        channel.sendall(encode({"operation": "ping"}))
        with channel.makefile("rb") as reader:
            return "" if "found" in decode(reader.readline(MOST_BYTES)) else "verifier: without its database"


def heartbeat(name: str) -> str:
    """Read the age of the heartbeat; returns a complaint or nothing."""
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=4) as connection:
        row = connection.execute(HEARTBEAT, [name]).fetchone()
    if row is None:
        return f"{name}: no heartbeat yet"
    return "" if row[0] < SILENT_AFTER_S else f"{name}: silent for {row[0]:.0f} s"


def _host() -> str:
    """Return a host name that the settings allow."""
    return os.environ.get("PHAROS_SITE_URL", "http://localhost").rpartition("/")[2].partition(":")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
