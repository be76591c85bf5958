"""Asks a running copy how it is, over HTTP on this machine and never through a proxy."""

import contextlib
import json
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from helpdesk.embedded.environment import Running

READY = "ready"
PATIENCE_S = 5.0


def ask(running: Running) -> dict[str, Any]:
    """Return what /readyz says, empty while nobody answers."""
    probe_sockets(running)
    try:
        with build_opener(ProxyHandler({})).open(
            f"http://127.0.0.1:{running.values['PORT']}/readyz", timeout=PATIENCE_S
        ) as response:
            answer = json.load(response)
    except (URLError, OSError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}


def probe_sockets(running: Running) -> None:
    """Visit the socket server, whose heart beats from its first visitor on."""
    url = f"http://127.0.0.1:{running.values['WS_PORT']}/healthz"
    with contextlib.suppress(URLError, OSError), build_opener(ProxyHandler({})).open(url, timeout=PATIENCE_S):
        pass
