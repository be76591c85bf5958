"""A small Bot API for tests: real HTTP on this machine, which can be slow, rude, broken or gone."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

TOKEN = "123456:AAtest-token"
# Instead of an answer: says nothing until the test ends, or hangs up.
HANGS, HANGS_UP = "hangs", "hangs up"


@dataclass
class SmallTelegram:
    """What it was asked, and what it says next; a method without a planned answer succeeds."""

    url: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    # Method → its next answers: (status, body), or one of the words above.
    planned: dict[str, list[tuple[int, dict[str, Any]] | str]] = field(default_factory=dict)
    # file_id → what getFile says; file_path → content.
    files: dict[str, str] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def plan(self, method: str, *answers: tuple[int, dict[str, Any]] | str) -> None:
        self.planned.setdefault(method, []).extend(answers)

    def refuse(self, method: str, code: int, description: str = "", **parameters: Any) -> None:
        said: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        self.plan(method, (code, said | ({"parameters": parameters} if parameters else {})))

    def put(self, file_id: str, content: bytes, path: str = "") -> None:
        self.files[file_id] = path or f"documents/{file_id}.bin"
        self.contents[self.files[file_id]] = content

    def of(self, method: str) -> list[dict[str, Any]]:
        return [said for name, said in self.asked if name == method]

    def answer(self, path: str, said: dict[str, Any]) -> tuple[int, Any] | str:
        if not path.startswith((f"/bot{TOKEN}/", f"/file/bot{TOKEN}/")):
            return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if path.startswith("/file/"):
            name = path.removeprefix(f"/file/bot{TOKEN}/")
            self.asked.append(("file", {"path": name}))
            return (200, self.contents[name]) if name in self.contents else (404, b"")
        method = path.rpartition("/")[2]
        self.asked.append((method, said))
        if self.planned.get(method):
            return self.planned[method].pop(0)
        return 200, {"ok": True, "result": self._result(method, said)}

    def _result(self, method: str, said: dict[str, Any]) -> Any:
        if method == "getMe":
            return {"id": 123456, "is_bot": True, "first_name": "Pharos", "username": "pharos_bot"}
        if method == "getFile":
            return {"file_id": said["file_id"], "file_path": self.files[said["file_id"]]}
        if method == "getUpdates":
            return [one for one in self.updates if one["update_id"] >= said["offset"]]
        return {"message_id": 1000 + len(self.asked)} if method.startswith("send") else True


@contextmanager
def running(telegram: SmallTelegram) -> Iterator[SmallTelegram]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = telegram.answer(self.path, fields(self.headers.get("Content-Type", ""), body))
            if isinstance(answer, str):
                if answer == HANGS:
                    telegram.over.wait()
                self.close_connection = True
                return
            status, said = answer
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
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
    telegram.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield telegram
    finally:
        telegram.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def fields(content_type: str, body: bytes) -> dict[str, Any]:
    """Return what was sent: a JSON object, or a form with files as (name, content)."""
    if content_type.startswith("application/json"):
        return dict(json.loads(body or b"{}"))
    if not content_type.startswith("multipart/"):
        return {}
    form = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=policy.HTTP)
    found: dict[str, Any] = {}
    for part in form.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        found[name] = (part.get_filename(), content) if part.get_filename() else bytes(content).decode()
    return found


@pytest.fixture
def telegram(settings: Settings) -> Iterator[SmallTelegram]:
    """A small Bot API that this process's settings name."""
    with running(SmallTelegram()) as found:
        settings.TELEGRAM_API_URL = found.url
        yield found
