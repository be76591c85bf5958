"""Fetching an iCal feed: over https, from the public internet only, and only what is newer than what we have.

The guard is that of remote images: the address that was checked is the one connected to. Only what was fetched is
written here; reading it is the service's.
"""

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from core.doorbell import ring
from tickets.models import CalendarFeed
from tickets.rendering.remote_images import REDIRECTS, NotFetchedError, public_address

TIMEOUT_S = 10
MAX_BYTES = 1024 * 1024
MAX_REDIRECTS = 3
PORT = 443
OK, NOT_MODIFIED = 200, 304
READ = "tickets.read_calendar"
Problem = CalendarFeed.Problem
Dial = Callable[[str], socket.socket]


@dataclass(frozen=True, slots=True)
class Given:
    """What a server gave: nothing new, or a file and what to ask for next time by."""

    content: bytes | None
    etag: str = ""
    modified: str = ""


class FeedError(Exception):
    """A look has failed; `problem` says why."""

    def __init__(self, problem: CalendarFeed.Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def dial(host: str) -> socket.socket:
    """Connect to a host of the public internet, over TLS. Raises NotFetchedError, OSError."""
    plain = socket.create_connection((public_address(host, PORT), PORT), TIMEOUT_S)
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def fetch_calendar(pk: int, *, dial: Dial = dial) -> None:
    """Look at one feed, keep what is new for reading, and note what was wrong."""
    feed = CalendarFeed.objects.filter(pk=pk).exclude(url="").first()
    if feed is None:
        return
    try:
        given = get(feed.url, etag=feed.etag, modified=feed.modified, dial=dial)
    except FeedError as error:
        CalendarFeed.keep_look(pk, feed.url, problem=error.problem)
    else:
        CalendarFeed.keep_look(pk, feed.url, content=given.content, etag=given.etag, modified=given.modified)
    ring(READ, pk)


def get(url: str, *, etag: str = "", modified: str = "", dial: Dial = dial) -> Given:
    """Return what is behind `url` if it is newer; follows redirects to https. Raises FeedError."""
    for _hop in range(MAX_REDIRECTS + 1):
        answer, body = _ask(url, etag, modified, dial)
        if answer.status == NOT_MODIFIED:
            return Given(None)
        if answer.status == OK:
            headers = answer.headers
            return Given(body, headers.get("ETag", "")[:250], headers.get("Last-Modified", "")[:60])
        if answer.status not in REDIRECTS or not answer.headers.get("Location"):
            break
        url = urljoin(url, answer.headers["Location"])
    raise FeedError(Problem.NOT_GIVEN)


def _ask(url: str, etag: str, modified: str, dial: Dial) -> tuple[http.client.HTTPResponse, bytes]:
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "https" and parts.hostname and (parts.port or PORT) == PORT
    except ValueError as error:
        raise FeedError(Problem.UNREACHABLE) from error
    if not is_plain or parts.username or parts.password or not parts.hostname:
        raise FeedError(Problem.UNREACHABLE)
    known = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {"User-Agent": "Pharos calendars", "Accept": "text/calendar", **{k: v for k, v in known.items() if v}}
    connection = http.client.HTTPSConnection(parts.hostname, PORT, timeout=TIMEOUT_S)
    try:
        connection.sock = dial(parts.hostname)
        connection.request("GET", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", headers=headers)
        answer = connection.getresponse()
        body = answer.read(MAX_BYTES + 1)
    except (OSError, NotFetchedError, http.client.HTTPException, ValueError) as error:
        raise FeedError(Problem.UNREACHABLE) from error
    finally:
        connection.close()
    if len(body) > MAX_BYTES:
        raise FeedError(Problem.TOO_LARGE)
    return answer, body
