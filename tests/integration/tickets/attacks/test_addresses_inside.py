"""Addresses that lead inside, in every spelling: neither an image, a feed nor a notice of ours goes there."""

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tickets.delivery import calendars
from tickets.rendering import remote_images
from tickets.rendering.remote_images import NotFetchedError

INSIDE = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "localhost", "[::1]", "[::]",  # noqa: S104 -- never bound
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fd00::1]", "10.0.0.1", "172.16.0.1",
    "192.168.0.1", "100.64.0.1", "169.254.169.254", "[::ffff:169.254.169.254]", "224.0.0.1", "255.255.255.255",
)  # fmt: skip
# Those that this machine itself answers to, whatever network it is in.
HERE = ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost")
PUBLIC, PRIVATE = "93.184.215.14", "10.1.2.3"


class Inside(ThreadingHTTPServer):
    """Something of ours that trusts whoever reaches it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.visits: list[str] = []


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Inside)
        self.server.visits.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"secret")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def inside() -> Iterator[Inside]:
    server = Inside()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.positive_control("F1")
@pytest.mark.parametrize("host", HERE)
def test_unguarded_client__reaches_what_is_inside(inside: Inside, host: str) -> None:
    connection = http.client.HTTPConnection(host.strip("[]"), inside.server_port, timeout=5)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"secret"
    connection.close()


@pytest.mark.attack("F1")
def test_public_address__every_spelling_of_inside__is_refused() -> None:
    for host in INSIDE:
        with pytest.raises(NotFetchedError):
            remote_images.public_address(host.strip("[]"), 80)
        with pytest.raises(NotFetchedError):
            remote_images.fetch(f"http://{host}/")
        with pytest.raises(calendars.FeedError):
            calendars.get(f"https://{host}/feed.ics")


@pytest.mark.attack("F1")
def test_public_address__name_with_one_address_inside__is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in (PUBLIC, PRIVATE)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    with pytest.raises(NotFetchedError, match="public internet"):
        remote_images.public_address("both.example", 80)


@pytest.mark.attack("F1")
def test_fetch__name_that_leads_inside_when_asked_again__is_dialled_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the second answer would lead inside, and is never asked for."""
    answers, dialled = [PUBLIC, PRIVATE], []

    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), 80))]

    def connect(address: tuple[str, int], *_: Any) -> socket.socket:
        dialled.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NotFetchedError):
        remote_images.fetch("http://rebinding.example/")
    assert dialled == [(PUBLIC, 80)]
    assert answers == [PRIVATE]
