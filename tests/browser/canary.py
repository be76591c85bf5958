"""A server that writes down every request, for payloads that want to call home, and a page weak enough to let them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WEAK = "/weak/"


@dataclass
class Canary:
    """`heard` is every path that was asked for, without the weak pages themselves."""

    port: int = 0
    heard: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The origin that payloads call."""
        return f"http://localhost:{self.port}"

    def armed(self, payload: str) -> str:
        """Return a payload of the corpus that calls this canary: to fetch, to load, or instead of a dialog."""
        home = payload.replace("https://canary.invalid", self.url).replace(
            "//canary.invalid", f"//localhost:{self.port}"
        )
        return home.replace("alert(1)", f"fetch(`{self.url}/ran`)")

    def weak_page(self, payload: str) -> str:
        """Return the address of a page that shows `payload` as it is, without any policy: the positive control."""
        self.weak.append(payload)
        return f"{self.url}{WEAK}{len(self.weak) - 1}"


@contextmanager
def listening() -> Iterator[Canary]:
    """Run a canary until the block ends."""
    canary = Canary()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b""
            if self.path.startswith(WEAK) and not self.path.removeprefix(WEAK).isdigit():
                pass  # what a weak page loads from beside itself
            elif self.path.startswith(WEAK):
                body = canary.weak[int(self.path.removeprefix(WEAK))].encode()
            else:
                canary.heard.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    canary.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield canary
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
