"""Fetching what somebody sent: by HTTPS from Meta's own hosts, never from an address inside (OWASP SSRF).

The address that was checked is the one connected to, as in `tickets.rendering.remote_images`.
"""

import http.client
import re
import socket
import ssl
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tickets.channels.meta.graph import META
from tickets.channels.social.calling import TIMEOUT_S, NotHandedOver, Request
from tickets.channels.social.shapes import VendorAway, VendorRefused
from tickets.rendering.remote_images import NotFetchedError, public_address

# Where attachments of Messenger and media of WhatsApp lie.
HOSTS: Final = re.compile(r"(?:[a-z0-9-]+\.){0,4}(?:fbcdn\.net|fbsbx\.com|facebook\.com|whatsapp\.net)\Z")
HTTPS: Final = 443
_TARGET: Final = re.compile(r"/[!-~]{0,4000}\Z")


def download(url: str, *, limit: int, token: str = "") -> bytes:
    """Return the content of at most `limit` bytes; `token` goes along as a header field.

    No redirect is followed. Raises VendorAway, VendorRefused.
    """
    try:
        parts = urlsplit(url)
        is_ours = (parts.scheme, parts.netloc) == (META.url.scheme, META.url.netloc)
        port = parts.port
    except ValueError as error:
        raise VendorRefused("The file's address cannot be read.") from error
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    if not _TARGET.match(target):
        raise VendorRefused("The file's address cannot be read.")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if is_ours:
        status, content = _ask_graph(target, headers, limit)
    elif parts.scheme == "https" and port in {None, HTTPS} and "@" not in parts.netloc and _is_metas(parts):
        status, content = _get(parts.hostname or "", target, headers, limit)
    else:
        raise VendorRefused("The file is not at Meta.")
    if status >= 500 or status == 429:
        raise VendorAway(f"Meta says {status} to the file.")
    if status != 200:
        raise VendorRefused(f"Meta says {status} to the file.")
    if len(content) > limit:
        raise VendorRefused("The file is too large.")
    return content


def _is_metas(parts: SplitResult) -> bool:
    return bool(HOSTS.match(parts.hostname or ""))


def _ask_graph(target: str, headers: dict[str, str], limit: int) -> tuple[int, bytes]:
    """Ask where the settings say that the Graph API is."""
    below = META.url.path
    if not target.startswith(f"{below}/"):
        raise VendorRefused("The file is not at Meta.")
    try:
        answer = META.ask(Request("GET", target.removeprefix(below), headers=headers), limit=limit + 1)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    return answer.status, answer.content


def _get(host: str, target: str, headers: dict[str, str], limit: int) -> tuple[int, bytes]:
    try:
        address = public_address(host, HTTPS)
    except NotFetchedError as error:
        if isinstance(error.__cause__, OSError):
            raise VendorAway(f"Meta gave no file ({error}).") from error
        raise VendorRefused(f"The file is not fetched: {error}.") from error
    connection = http.client.HTTPConnection(host, HTTPS, timeout=TIMEOUT_S)
    try:
        dialled = socket.create_connection((address, HTTPS), TIMEOUT_S)
        connection.sock = ssl.create_default_context().wrap_socket(dialled, server_hostname=host)
        connection.request("GET", target, headers={"Host": host, "User-Agent": "Pharos", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(limit + 1)
    except (OSError, http.client.HTTPException) as error:
        raise VendorAway(f"Meta gave no file ({type(error).__name__}).") from error
    finally:
        connection.close()
