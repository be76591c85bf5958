"""F20: hundreds of half-open connections on every listener: silent, with half a request, with a body that drips."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.load import Load
from tests.faults.recorder import Recorder
from tests.faults.results import Result

HALF_OPEN, FEW = 500, 60
# What each kind of half-open client says, and what it adds now and then.
HTTP = (
    (b"", b""),
    (b"GET /desk/ HTTP/1.1\r\nHost: localhost\r\n", b"X-Slow: yes\r\n"),
    (b"POST /api/v1/tickets/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{", b" "),
)
SOCKETS = (
    (b"", b""),
    (b"GET /ws/desk/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n", b"X-Slow: yes\r\n"),
)
MAIL = (
    (b"", b""),
    (b"EHLO slow.example.com\r\n", b"NOO"),
    (b"EHLO slow.example.com\r\nMAIL FROM:<a@slow.example.com>\r\n", b""),
)
DRIP_EVERY_S = 2.0
VISITS = 12
# p95 of normal users, compared with the same users alone; below this many seconds a ratio says nothing.
RATIO, FLOOR_S = 2.0, 0.05


def run(ground: Ground) -> Result:
    """Measure the same users alone and beside the half-open ones, alternately."""
    recorder = Recorder("F20")
    load = Load(ground, recorder)
    alone: list[float] = []
    beside: list[float] = []
    crowds = 0
    load.read_page()  # templates and connections are warm for both
    for _ in range(ground.rounds):
        alone += _visits(load)
        with _half_open(ground, HALF_OPEN if ground.is_patient else FEW) as still_open:
            beside += _visits(load)
            crowds = max(crowds, still_open())
    tally = load.finish(lease_s=0)
    before, after = (sorted(times)[int(len(times) * 0.95)] for times in (alone, beside))
    if ground.is_patient and after > RATIO * max(before, FLOOR_S):
        ground.notes.append(f"p95 went from {before * 1000:.0f} to {after * 1000:.0f} ms")
    if any(one.status != 200 for one in load.seen):
        ground.notes.append(f"somebody was not served: {load.statuses()}")
    remarks = [f"up to {crowds} half-open connections at once", load.statuses()]
    if ground.is_patient:
        remarks.append(f"p95 of pages {before * 1000:.0f} ms alone, {after * 1000:.0f} ms beside them")
    return results.judge(ground, recorder, tally, remarks)


def _visits(load: Load) -> list[float]:
    """Two people read pages, one writes, one mail comes; return the seconds that each page took."""
    began = len(load.seen)

    def read() -> None:
        for _ in range(VISITS // 4):
            load.read_page()

    together(read, read, load.open_ticket, load.send_mail)
    return [one.seconds for one in load.seen[began:]]


@contextmanager
def _half_open(ground: Ground, count: int) -> "Iterator[partial[int]]":
    """Open `count` connections to each listener and let them drip; yields what tells how many are still open."""
    values = ground.system.running.values
    listeners = (("PORT", HTTP), ("WS_PORT", SOCKETS), ("SMTP_PORT", MAIL))
    opened: list[tuple[socket.socket, bytes]] = []
    for name, kinds in listeners:
        for number in range(count):
            begin, more = kinds[number % len(kinds)]
            client = socket.create_connection(("127.0.0.1", int(values[name])), timeout=20)
            client.settimeout(0)
            with suppress(OSError):
                client.sendall(begin)
            opened.append((client, more))
    done = threading.Event()
    dripping = threading.Thread(target=_drip, args=(opened, done))
    dripping.start()
    try:
        yield partial(_count_open, opened)
    finally:
        done.set()
        dripping.join()
        for client, _more in opened:
            client.close()


def _drip(opened: list[tuple[socket.socket, bytes]], done: threading.Event) -> None:
    while not done.wait(DRIP_EVERY_S):
        for client, more in opened:
            if more and not done.is_set():
                with suppress(OSError):
                    client.send(more)
                time.sleep(0.0005)


def _count_open(opened: list[tuple[socket.socket, bytes]]) -> int:
    """Count the connections that the server has not closed."""
    count = 0
    for client, _more in opened:
        try:
            while client.recv(4096):
                pass
        except BlockingIOError:
            count += 1
        except OSError:
            pass
    return count
