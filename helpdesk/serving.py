"""gunicorn's worker for pages and API: waitress reads the requests and sends the answers, threads only do the work.

A thread sees a request when all of it has arrived, and is free as soon as the answer is buffered: clients that
are slow, silent or gone cost a socket and no thread. gunicorn stays what starts, restarts and replaces workers.
"""

import contextlib
import os
import socket
import time
from typing import Any, NamedTuple

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error

from core import disks
from core.waiting import WAITED

# More than any door of the application takes in (settings.DATA_UPLOAD_MAX_MEMORY_SIZE): it refuses with better words.
MAX_BODY_BYTES = 48 * 1024 * 1024
MAX_HEAD_BYTES = 64 * 1024
# A client has this long for the head of a request, and a second more for every so many bytes of its body.
READ_S = 20.0
SLOWEST_BYTES_PER_S = 10_000
# A client that takes nothing of its answer for this long is gone.
STALLED_S = 60.0
# A stopping worker waits this long for a request that may be on its way on an idle connection.
LINGER_S = 1.0
# An answer never keeps its thread waiting for the client: larger parts than 1 MB lie in a temporary file.
UNSENT_BYTES = 256 * 1024 * 1024
TURN_S = 1.0
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class Lanes(NamedTuple):
    """The threads: what waits for a lock in one lane never holds up the others."""

    reads: ThreadedTaskDispatcher
    writes: ThreadedTaskDispatcher
    probes: ThreadedTaskDispatcher

    @classmethod
    def of(cls, threads: int) -> "Lanes":
        """Start as many threads for reading, half of them each, and one more for probes."""
        lanes = cls(ThreadedTaskDispatcher(), ThreadedTaskDispatcher(), ThreadedTaskDispatcher())
        lanes.writes.set_thread_count(max(1, threads // 2))
        lanes.reads.set_thread_count(max(1, threads - threads // 2))
        lanes.probes.set_thread_count(1)
        return lanes

    def add_task(self, channel: "_Channel") -> None:
        """Put a connection with a whole request into its lane."""
        request = channel.requests[0]
        channel.queued_at = time.monotonic()
        if getattr(request, "path", "") in PROBES:
            self.probes.add_task(channel)
        elif getattr(request, "command", "GET") in SAFE_METHODS:
            self.reads.add_task(channel)
        else:
            self.writes.add_task(channel)


class _Task(WSGITask):
    """One request; answers to HEAD have no body, and those of a stopping worker say that they are the last."""

    def build_response_header(self) -> bytes:
        """Add what the moment asks for."""
        if self.channel.server.is_leaving:
            self.set_close_on_finish()
        return bytes(super().build_response_header())

    def write(self, data: bytes) -> None:
        """Send, unless the client wants the head only."""
        super().write(b"" if self.request.command == "HEAD" else data)

    def get_environment(self) -> dict[str, Any]:
        """Say how long the request has waited for a thread; core.unavailable refuses what has waited too long.

        HEAD goes without the short cut for files, which would send a body whatever the method.
        """
        environ: dict[str, Any] = super().get_environment()
        environ[WAITED] = time.monotonic() - self.channel.queued_at
        if self.request.command == "HEAD":
            environ.pop("wsgi.file_wrapper", None)
        return environ


class NoRoom(Error):
    """The answer when a body larger than memory takes finds a full disk."""

    code = 507
    reason = "Insufficient Storage"


class _Nowhere:
    """Takes the rest of a body that is not kept, so that its client gets to read the answer."""

    def append(self, _data: bytes) -> None:
        """Throw it away."""

    def close(self) -> None:
        """Nothing is open."""


class _Request(HTTPRequestParser):
    """One request being read."""

    def received(self, data: bytes) -> int:
        """Take in bytes; on a full disk the rest of the body is read on and thrown away."""
        try:
            return int(super().received(data))
        except OSError as error:
            if not disks.is_no_room(error) or self.body_rcv is None:
                raise
            with contextlib.suppress(OSError):  # what it still wanted to write has no room either
                self.body_rcv.getbuf().close()
            self.body_rcv.buf = _Nowhere()
            self.error = NoRoom("There is no room left to keep this. Nothing was lost: try again later.")
            return int(super().received(data))


class _Channel(HTTPChannel):
    """One connection. `waits_since` is when its client began to keep us waiting, by the monotonic clock."""

    parser_class = _Request
    task_class = _Task
    error_task_class = ErrorTask
    waits_since = 0.0
    queued_at = 0.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.waits_since = time.monotonic()

    def received(self, data: bytes) -> bool:
        """Take in bytes; the wait begins anew with each request, not with each byte."""
        was_between_requests = self.request is None
        taken = bool(super().received(data))
        if was_between_requests:
            self.waits_since = time.monotonic()
        return taken

    def service(self) -> None:
        """Answer one request; then the client's turn begins."""
        if isinstance(self.requests[0].error, NoRoom):
            disks.report_full("temporary")
        super().service()
        self.waits_since = time.monotonic()

    def is_overdue(self, now: float, idle_s: float) -> bool:
        """Whether the client has had its time for what it is doing: asking, taking the answer, or nothing."""
        if self.requests:
            return False
        waited = now - self.waits_since
        if self.total_outbufs_len:
            return bool(time.time() - self.last_activity > STALLED_S)
        if self.request is not None:
            return bool(waited > READ_S + self.request.body_bytes_received / SLOWEST_BYTES_PER_S)
        return waited > idle_s


class _Door(TcpWSGIServer):
    """One listening socket."""

    channel_class = _Channel
    is_leaving = False

    def set_socket_options(self, conn: socket.socket) -> None:
        """Send what there is to send."""
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_accept(self) -> None:
        """Take one connection; when the house is full, who has waited longest without asking leaves."""
        if len(self.active_channels) >= self.adj.connection_limit // 2:
            waiting = [one for one in self.active_channels.values() if not one.requests and not one.will_close]
            if waiting:
                min(waiting, key=lambda one: one.waits_since).will_close = True
        super().handle_accept()

    def maintenance(self, _now: float) -> None:
        """Close connections whose clients have had their time."""
        now = time.monotonic()
        for channel in self.active_channels.values():
            if channel.is_overdue(now, self.adj.channel_timeout):
                channel.will_close = True

    def stop_accepting(self) -> None:
        """Leave what still knocks to the other workers, who hold the listening socket too."""
        self.is_leaving = True
        self.accepting = False
        self.del_channel()
        self.socket.close()


class _Bell(wasyncore.file_dispatcher):
    """The pipe that a signal writes to, so that it ends a wait for clients at once."""

    def writable(self) -> bool:
        """Nothing is ever written here."""
        return False

    def handle_read(self) -> None:
        """Empty the pipe."""
        os.read(self.socket.fd, 4096)


class BufferingWorker(Worker):
    """One process: a loop that reads and writes, and `threads` threads that run the application."""

    def run(self) -> None:
        """Serve until told to stop or left alone by the master, then end in order."""
        watched: dict[int, Any] = {}
        adjustments = Adjustments(
            sockets=[listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            backlog=self.cfg.backlog,
            # Twice: one listening socket alone may fill half.
            connection_limit=2 * self.cfg.worker_connections,
            channel_timeout=self.cfg.keepalive,
            cleanup_interval=1,
            max_request_body_size=MAX_BODY_BYTES,
            max_request_header_size=MAX_HEAD_BYTES,
            outbuf_high_watermark=UNSENT_BYTES,
            # helpdesk.proxy decides whose word counts.
            clear_untrusted_proxy_headers=False,
            ident=None,
        )
        lanes = Lanes.of(self.cfg.threads)
        doors = [
            _Door(
                self.wsgi, watched, True, listener.sock, dispatcher=lanes, adj=adjustments, bind_socket=False,
                sockinfo=(listener.sock.family, listener.sock.type, listener.sock.proto, listener.sock.getsockname()),
            )
            for listener in self.sockets
        ]  # fmt: skip
        _Bell(self.PIPE[0], watched)
        while self.alive and self.ppid == os.getppid():
            self.notify()
            wasyncore.poll2(TURN_S, watched)
        self._leave(doors, watched)

    def _leave(self, doors: list[_Door], watched: dict[int, Any]) -> None:
        """Finish what has been asked; idle connections get a moment, in which a request may be on its way."""
        began = time.monotonic()
        for door in doors:
            door.stop_accepting()
        while (now := time.monotonic()) < began + self.cfg.graceful_timeout:
            channels = [channel for door in doors for channel in door.active_channels.values()]
            if not channels:
                return
            for channel in channels:
                if not (channel.requests or channel.total_outbufs_len or channel.request) and now > began + LINGER_S:
                    channel.will_close = True
            self.notify()
            wasyncore.poll2(0.05, watched)
