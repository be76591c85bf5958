"""A small Graph API for tests: real HTTP on this machine, which can be slow, rude, broken or gone."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pytest_django import Settings

from tests.support.small_telegram import HANGS, fields

TOKEN = "EAAtest-token"
VERSION = "/v23.0"


@dataclass
class SmallMeta:
    """What it was asked, and what it says next; a call without a planned answer succeeds."""

    url: str = ""
    # The last word of the path, and what was sent with the path itself as "path".
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    # The last word of a path → its next answers: (status, body), or a word of small_telegram.
    planned: dict[str, list[tuple[int, dict[str, Any]] | str]] = field(default_factory=dict)
    # Path below the version → answer to GET; bytes are a file.
    things: dict[str, dict[str, Any] | bytes] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def plan(self, what: str, *answers: tuple[int, dict[str, Any]] | str) -> None:
        self.planned.setdefault(what, []).extend(answers)

    def refuse(self, what: str, code: int, message: str = "", *, status: int = 400, **more: Any) -> None:
        error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}
        self.plan(what, (status, {"error": error}))

    def put_media(self, number: str, content: bytes) -> None:
        """Let a file of WhatsApp lie here, as its number says."""
        self.things[f"/{number}"] = {
            "messaging_product": "whatsapp",
            "url": f"{self.url}/files/{number}",
            "mime_type": "image/jpeg",
            "sha256": "0",
            "file_size": len(content),
            "id": number,
        }
        self.things[f"/files/{number}"] = content

    def of(self, what: str) -> list[dict[str, Any]]:
        return [said for name, said in self.asked if name == what]

    def answer(self, method: str, path: str, said: dict[str, Any], token: str) -> tuple[int, Any] | str:
        below = path.removeprefix(VERSION)
        what = below.rpartition("/")[2]
        self.asked.append((what, {**said, "path": below}))
        if token not in {f"Bearer {TOKEN}", "Bearer 77|app-secret"} and not below.startswith("/cdn/"):
            said = {"message": "Malformed access token EAAwrong", "type": "OAuthException", "code": 190}
            return 401, {"error": said}
        if self.planned.get(what):
            return self.planned[what].pop(0)
        if method == "GET":
            return (200, self.things[below]) if below in self.things else (404, {"error": {"code": 100}})
        return 200, self._result(what)

    def _result(self, what: str) -> dict[str, Any]:
        number = len(self.asked)
        if what == "comments":
            return {"id": f"111_{number}"}
        if what == "media":
            return {"id": f"{900 + number}"}
        if what == "messages":
            return {
                "messaging_product": "whatsapp",
                "recipient_id": "6001",
                "message_id": f"m_sent-{number}",
                "messages": [{"id": f"wamid.sent-{number}"}],
            }
        return {"success": True}


@contextmanager
def running(meta: SmallMeta) -> Iterator[SmallMeta]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            said = fields(self.headers.get("Content-Type", ""), body) | dict(parse_qsl(parts.query))
            answer = meta.answer(self.command, parts.path, said, self.headers.get("Authorization", ""))
            if isinstance(answer, str):
                if answer == HANGS:
                    meta.over.wait()
                self.close_connection = True
                return
            status, told = answer
            content = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    meta.url = f"http://127.0.0.1:{server.server_port}{VERSION}"
    try:
        yield meta
    finally:
        meta.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def meta(settings: Settings) -> Iterator[SmallMeta]:
    """A small Graph API that this process's settings name."""
    with running(SmallMeta()) as found:
        settings.META_GRAPH_URL = found.url
        yield found
