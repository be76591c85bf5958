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

    Its authority's certificate is `ca.pem` in `folder`.
    """
    kept: dict[str, Any] = {"got": [], "status": 204, "headers": {}}

    class Keeps(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept["got"].append((self.path, dict(self.headers), body))
            self.send_response(kept["status"])
            for name, value in kept["headers"].items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

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
        server.shutdown()
        thread.join()
        server.server_close()
