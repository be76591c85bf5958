"""F20: hundreds of half-open connections on every listener: silent, with half a request, with a body that drips."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

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
# Each drips at least so often while normal users are measured.
DRIP_EVERY_S, DRIPS = 0.5, 2
# Of the web's half heads and half bodies, how many must be open to the end; mail closes the longest silent ones.
LEAST_OPEN = 0.9
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
        with _half_open(ground, HALF_OPEN if ground.is_patient else FEW) as crowd:
            beside += _visits(load)
            while not crowd.has_dripped.is_set():
                beside += _visits(load)
            ground.notes += crowd.gone()
            crowds = max(crowds, crowd.still_open())
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


@dataclass
class Crowd:
    """Half-open connections: the listener's name, the socket, what it drips; `has_dripped` when all did, DRIPS times."""

    opened: list[tuple[str, socket.socket, bytes]] = field(default_factory=list)
    has_dripped: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def drip(self) -> None:
        """Let each add a little now and then until told to stop."""
        drips = 0
        while not self.done.wait(DRIP_EVERY_S):
            for _name, client, more in self.opened:
                if more and not self.done.is_set():
                    with suppress(OSError):
                        client.send(more)
                    time.sleep(0.0005)
            drips += 1
            if drips >= DRIPS:
                self.has_dripped.set()

    def still_open(self) -> int:
        """Count the connections that the server has not closed."""
        return sum(_is_open(client) for _name, client, _more in self.opened)

    def gone(self) -> list[str]:
        """Say when too few of the web's half heads and half bodies are left to be in anybody's way."""
        found = []
        for what in (HTTP[1][1], HTTP[2][1]):
            mine = [client for name, client, more in self.opened if (name, more) == ("PORT", what)]
            left = sum(map(_is_open, mine))
            if not mine or left < len(mine) * LEAST_OPEN:
                found.append(f"only {left} of {len(mine)} clients that drip {what!r} were there to the end")
        return found


@contextmanager
def _half_open(ground: Ground, count: int) -> Iterator[Crowd]:
    """Open `count` connections to each listener and let them drip."""
    values = ground.system.running.values
    listeners = (("PORT", HTTP), ("WS_PORT", SOCKETS), ("SMTP_PORT", MAIL))
    crowd = Crowd()
    for name, kinds in listeners:
        for number in range(count):
            begin, more = kinds[number % len(kinds)]
            client = socket.create_connection(("127.0.0.1", int(values[name])), timeout=20)
            client.settimeout(0)
            with suppress(OSError):
                client.sendall(begin)
            crowd.opened.append((name, client, more))
    dripping = threading.Thread(target=crowd.drip)
    dripping.start()
    try:
        yield crowd
    finally:
        crowd.done.set()
        dripping.join()
        for _name, client, _more in crowd.opened:
            client.close()


def _is_open(client: socket.socket) -> bool:
    try:
        while client.recv(4096):
            pass
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False
