"""A server of TLS on loopback that keeps what it is sent, and answers as it is told."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme


@contextmanager
def listening(folder: Path) -> Iterator[dict[str, Any]]:
    """`got` are paths, headers and bodies; `status` and `headers` are what it answers, `url` is where it is.

    With `is_slow` it never comes to the end of an answer.

    Its authority's certificate is `ca.pem` in `folder`.
    """
    kept: dict[str, Any] = {"got": [], "status": 204, "headers": {}, "drips": threading.Event()}

    class Keeps(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept["got"].append((self.path, dict(self.headers), body))
            if kept.get("is_slow"):
                self._drip()
                return
            self.send_response(kept["status"])
            for name, value in kept["headers"].items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            """Send a byte of a header now and then, until the other side has enough of it."""
            try:
                self.wfile.write(b"HTTP/1.1 204 No Content\r\nX-Slow: ")
                while not kept["drips"].wait(0.02):
                    self.wfile.write(b"a")
            except OSError:
                self.close_connection = True

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    server = http.server.HTTPServer(("127.0.0.1", 0), Keeps)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    kept["url"] = f"https://localhost:{server.server_port}/hook?channel=ops"
    try:
        yield kept
    finally:
        kept["drips"].set()
        server.shutdown()
        thread.join()
        server.server_close()
