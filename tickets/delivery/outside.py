"""One POST over TLS to a place outside, at an address that was checked when it was dialled (attacks D9).

Redirects are not followed and proxies not used. Nobody here knows what is sent, or to whom.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from tickets.rendering.remote_images import NotFetchedError, public_address

TIMEOUT_S = 5
HTTPS = 443
MAX_ANSWER_BYTES = 64 * 1024
LONGEST_WAIT_S = 3600.0


class NotTold(Exception):
    """The place did not take it; the text says why, without its address."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Answer:
    """What a place answered: its status, and how many seconds it asks us to wait (None: it does not say)."""

    status: int
    wait_s: float | None

    @property
    def is_good(self) -> bool:
        """Whether it took what it was sent."""
        return 200 <= self.status < 300


def post(url: str, body: bytes, headers: Mapping[str, str], *, inside: Collection[str]) -> Answer:
    """Send one body. Hosts in `inside` may be on our own network, and at any port. Raises NotTold."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_inside = host in inside
    connection = None
    try:
        port = parts.port or HTTPS
        if parts.scheme != "https" or not host or (port != HTTPS and not is_inside):
            raise NotTold("Only https addresses at port 443 are told.", is_final=True)
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        address = host if is_inside else public_address(host, port)
        dialled = socket.create_connection((address, port), TIMEOUT_S)
        connection.sock = ssl.create_default_context().wrap_socket(dialled, server_hostname=host)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("POST", target, body, dict(headers))
        is_cut = threading.Event()
        cut = threading.Timer(TIMEOUT_S, _hang_up, [connection.sock, is_cut])
        cut.daemon = True
        cut.start()
        try:
            answer = connection.getresponse()
            answer.read(MAX_ANSWER_BYTES)
        finally:
            cut.cancel()
        if is_cut.is_set():
            # What came of it until then looks like an answer.
            raise TimeoutError
    except NotFetchedError as refused:
        raise NotTold(f"It was not reached: {refused}.") from refused
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotTold(f"It was not reached ({type(error).__name__}).") from error
    finally:
        if connection is not None:
            connection.close()
    return Answer(answer.status, _wait_s(answer.headers.get("Retry-After", "")))


def _hang_up(dialled: ssl.SSLSocket, is_cut: threading.Event) -> None:
    """End an exchange that takes too long as a whole, though each byte of it comes in time."""
    is_cut.set()
    with contextlib.suppress(OSError):
        socket.socket.shutdown(dialled, socket.SHUT_RDWR)


def _wait_s(said: str) -> float | None:
    """Return what Retry-After (RFC 9110) asks for, an hour at most."""
    if said.isascii() and said.isdigit():
        return min(float(said), LONGEST_WAIT_S)
    try:
        wait_s = parsedate_to_datetime(said).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(wait_s, 0.0), LONGEST_WAIT_S)
