"""The web worker: clients that are slow, silent or too many take no thread from the others; a stop is orderly."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import settings

from helpdesk import serving
from helpdesk.embedded.places import ROOT
from helpdesk.launcher import preflight, programs
from tests.support.small_web import Held

PARTIAL = {
    "silent": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "half a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\nsome",
    "half a chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nsome",
}


@dataclass
class Server:
    """A server with one process and one thread."""

    port: int
    process: "subprocess.Popen[bytes]"


Web = Callable[..., Server]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A function that starts one."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> Server:
        port = preflight.free_port()
        command = [
            sys.executable, "-m", "gunicorn", "tests.support.small_web:application", "--bind", f"127.0.0.1:{port}",
            "--worker-class", programs.WEB_WORKER, "--workers", "1", "--threads", "1", "--no-control-socket",
            "--worker-tmp-dir", str(tmp_path), "--log-level", "warning", *options,
        ]  # fmt: skip
        started.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL))
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
            else:
                return Server(port, started[-1])
        pytest.fail("The server did not start.")

    yield start
    for process in started:
        process.terminate()
        assert process.wait(20) == 0


def ask(port: int, method: str = "GET", path: str = "/", body: bytes | None = None) -> tuple[int, bytes]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        client.request(method, path, body)
        answer = client.getresponse()
        return answer.status, answer.read()
    finally:
        client.close()


@pytest.mark.parametrize("kind", PARTIAL)
def test_worker__one_thread_and_unfinished_requests__others_are_answered(web: Web, kind: str) -> None:
    port = web().port
    half_open = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    for one in half_open:
        one.sendall(PARTIAL[kind])
    assert ask(port, "POST", body=b"12345") == (200, b"POST 5")
    for one in half_open:
        one.close()


def test_worker__more_connections_than_there_is_room_for__the_oldest_silent_ones_leave(web: Web) -> None:
    port = web("--worker-connections", "10").port
    half_open = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(40)]
    assert ask(port) == (200, b"GET 0")
    assert half_open[0].recv(1) == b""
    for one in half_open:
        one.close()


@pytest.mark.parametrize(("stuck", "asked"), [("POST", "/"), ("GET", "/healthz")])
def test_worker__all_threads_of_one_lane_stuck__the_other_lanes_go_on(
    web: Web, tmp_path: Path, stuck: str, asked: str
) -> None:
    port = web().port
    held = Held(tmp_path)
    held.make()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"{stuck} /wait{tmp_path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        held.entered.write_bytes(b"")  # opens when the request is in its thread
        assert ask(port, path=asked) == (200, b"GET 0")
        held.released.write_bytes(b"")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")


def test_worker__client_comes_late_with_the_rest__is_answered(web: Web) -> None:
    port = web().port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
        for byte in b"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc":
            slow.sendall(bytes([byte]))
        answer = b"".join(iter(lambda: slow.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.0 200 OK")
    assert answer.endswith(b"POST 3")


def test_worker__head__length_without_body_and_the_connection_stays(web: Web) -> None:
    client = http.client.HTTPConnection("127.0.0.1", web().port, timeout=10)
    for _ in range(2):
        client.request("HEAD", "/")
        answer = client.getresponse()
        assert (answer.read(), answer.headers["Content-Length"], answer.headers["Server"]) == (b"", "6", None)
    client.close()


def test_worker__body_larger_than_any_door_takes__is_refused(web: Web) -> None:
    port = web().port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        length = str(serving.MAX_BODY_BYTES).encode()
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 413")
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < serving.MAX_BODY_BYTES


def test_worker__told_to_stop_at_work__finishes_and_says_that_it_was_the_last(web: Web, tmp_path: Path) -> None:
    server = web("--graceful-timeout", "20")
    port = server.port
    held = Held(tmp_path)
    held.make()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"GET /wait{tmp_path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        held.entered.write_bytes(b"")  # opens when the request is in its thread
        server.process.terminate()
        with pytest.raises(ConnectionRefusedError):
            _wait_until_nobody_listens(port)
        held.released.write_bytes(b"")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in answer


def _wait_until_nobody_listens(port: int) -> None:
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        socket.create_connection(("127.0.0.1", port)).close()
        time.sleep(0.02)


class _Waiting:
    """A channel as `is_overdue` sees it."""

    requests: tuple[object, ...] = ()
    request: object = None
    total_outbufs_len = 0
    last_activity = 0.0
    waits_since = 100.0
    body_bytes_received = 0

    def __init__(self, **said: Any) -> None:
        self.__dict__.update(said)


@pytest.mark.parametrize(
    ("said", "after_s", "is_overdue"),
    [
        ({}, 29, False),
        ({}, 31, True),
        ({"requests": (1,)}, 1000, False),
        ({"request": _Waiting()}, serving.READ_S - 1, False),
        ({"request": _Waiting()}, serving.READ_S + 1, True),
        ({"request": _Waiting(body_bytes_received=serving.SLOWEST_BYTES_PER_S * 100)}, serving.READ_S + 99, False),
        ({"request": _Waiting(body_bytes_received=serving.SLOWEST_BYTES_PER_S * 100)}, serving.READ_S + 101, True),
        ({"total_outbufs_len": 1}, 1, True),
        ({"total_outbufs_len": 1, "last_activity": float("inf")}, 1000, False),
    ],
)
def test_channel__client_keeps_us_waiting__is_overdue_when_its_time_is_over(
    said: dict[str, Any], after_s: float, is_overdue: bool
) -> None:
    channel = cast("Any", _Waiting(**said))
    assert serving._Channel.is_overdue(channel, 100.0 + after_s, 30.0) is is_overdue
