"""The socket: a thread for each connection, a database connection for each thread, one request after another."""

import contextlib
import logging
import os
import socketserver
import struct
import time
from collections.abc import Callable
from socket import SO_PEERCRED, SOL_SOCKET
from typing import Any, cast

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from security.verifier import reviews
from security.verifier.configuration import Configuration
from security.verifier.locks import Connection
from security.verifier.proofs import Proofs
from security.verifier.protocol import MOST_BYTES, Code, Given, RefusedError, decode, encode, text

log = logging.getLogger("pharos.verifier")
# What is asked for is small: a thread that waits for its database longer than this answers that it cannot.
PATIENCE_S = 3
IDLE_S = 30
OPERATIONS: dict[str, Callable[[Proofs, Given], Given]] = {
    "staff.passkey.begin": Proofs.begin_passkey,
    "staff.passkey.finish": Proofs.finish_passkey,
    "staff.sign_in.begin": Proofs.begin_sign_in,
    "staff.sign_in.finish": Proofs.finish_sign_in,
    "staff.code.keep": Proofs.keep_code,
    "staff.code.verify": Proofs.verify_code,
    "step_up.begin": Proofs.begin_step_up,
    "step_up.finish": Proofs.finish_step_up,
    "customer.passkey.keep": Proofs.keep_passkey,
    "code.begin": Proofs.begin_code,
    "code.finish": Proofs.finish_code,
    "factor.end": Proofs.end,
    "check.options": Proofs.check_options,
    "check.answer": Proofs.answer_check,
    "check.review": reviews.record,
    "check.attest": Proofs.attest,
    "keys": Proofs.public_key,
}


class Server(socketserver.ThreadingUnixStreamServer):
    """Listens on the configured path, for processes of the same user only."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.started = time.monotonic()
        self.pool: ConnectionPool[Connection] = ConnectionPool(
            configuration.database_url, min_size=1, max_size=8, timeout=PATIENCE_S, open=True,
            kwargs={"autocommit": True, "options": "-c timezone=UTC -c statement_timeout=5s -c lock_timeout=3s"},
        )  # fmt: skip
        with contextlib.suppress(FileNotFoundError):
            os.unlink(configuration.socket_path)  # noqa: PTH108 -- a socket, not a file
        mask = os.umask(0o177)
        try:
            super().__init__(configuration.socket_path, Handler)
        finally:
            os.umask(mask)

    def answer(self, line: bytes) -> Given:
        """Do what one line asks for; never raises."""
        try:
            request = decode(line)
            name = text(request, "operation")
            given = request.get("given", {})
            if name == "ping":
                with self.pool.connection() as connection:
                    connection.execute("SELECT 1")
                return {"found": {"up_s": round(time.monotonic() - self.started, 1)}}
            if name not in OPERATIONS or not isinstance(given, dict):
                raise RefusedError(Code.BAD_REQUEST, "There is no such operation.")
            with self.pool.connection() as connection:
                return {"found": OPERATIONS[name](Proofs(self.configuration, connection), given)}
        except RefusedError as refused:
            return {"refused": refused.code.value, "detail": refused.detail}
        except psycopg.errors.IntegrityError as error:
            return {"refused": Code.REFUSED.value, "detail": _first_line(error)}
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("the database did not answer: %s", type(error).__name__)
            return {"refused": Code.UNAVAILABLE.value, "detail": "The verifier cannot reach its database."}
        except Exception as error:
            log.exception("a request failed")
            return {"refused": Code.UNAVAILABLE.value, "detail": f"The verifier failed: {type(error).__name__}."}

    def server_close(self) -> None:
        """Stop listening and give the database connections back."""
        super().server_close()
        self.pool.close()


class Handler(socketserver.StreamRequestHandler):
    """One connection of a process of ours."""

    timeout = IDLE_S

    def handle(self) -> None:
        """Answer line by line until the other side is done."""
        if not self._is_ours():
            return
        server = cast("Server", self.server)
        with contextlib.suppress(TimeoutError, ConnectionError):
            while line := self.rfile.readline(MOST_BYTES + 1):
                self.wfile.write(encode(server.answer(line)))
                if len(line) > MOST_BYTES:
                    return

    def _is_ours(self) -> bool:
        """Whether the other process runs as our user: the mode of the socket says so too."""
        held: bytes = self.request.getsockopt(SOL_SOCKET, SO_PEERCRED, struct.calcsize("3i"))
        _pid, user, _group = struct.unpack("3i", held)
        return bool(user == os.getuid())


def _first_line(error: psycopg.Error) -> str:
    said: Any = error.diag.message_primary
    return str(said or type(error).__name__)
