"""A small X for tests: real HTTP on this machine, which checks each signature and can be slow, rude, broken or gone."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from oauthlib.oauth1 import Client
from pytest_django import Settings

from tests.support.small_telegram import HANGS, fields

# Consumer key and secret as in X's own example of a challenge, and the access token's.
KEY, SECRET = "xvz1evFS4wEEPTGEFPHBog", "z3ZX4v7mAAUGykl3EcmkqbartmuW8VFOOzCloLx9Q45P0hLrFu"
TOKEN, TOKEN_SECRET = "370773112-access", "access-secret"
US, BEARER = "4337869213", "application-token"
MESSAGE, POST, UPLOAD = "dm_conversations", "tweets", "upload"
Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]] | str


@dataclass
class SmallX:
    """What it was asked, and what it says next; a method without a planned answer succeeds."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    # Last word of a method's path, or MESSAGE → its next answers: (status, body, headers), or a word of small_telegram.
    planned: dict[str, list[Answer]] = field(default_factory=dict)
    # host/path → content.
    contents: dict[str, bytes] = field(default_factory=dict)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    is_subscribed: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def plan(self, method: str, *answers: Answer) -> None:
        self.planned.setdefault(method, []).extend(answers)

    def refuse(self, method: str, status: int, detail: str = "", kind: str = "about:blank", **headers: str) -> None:
        said = {"status": status, "title": "Problem", "detail": detail, "type": kind}
        self.plan(method, (status, said, {name.replace("_", "-"): value for name, value in headers.items()}))

    def of(self, method: str) -> list[dict[str, Any]]:
        return [said for _verb, path, said in self.asked if name_of(path) == method]

    def answer(self, verb: str, path: str, said: dict[str, Any], authorization: str) -> Answer:
        is_media = path.startswith("/media/")
        if not self._is_allowed(verb, path, authorization):
            return 401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
        self.asked.append((verb, path, said))
        if self.planned.get(name_of(path)):
            return self.planned[name_of(path)].pop(0)
        if is_media:
            content = self.contents.get(path.removeprefix("/media/"))
            return (404, b"") if content is None else (200, content)
        return self._result(verb, path, said)

    def _is_allowed(self, verb: str, path: str, authorization: str) -> bool:
        if path.startswith("/2/webhooks"):
            return authorization == f"Bearer {BEARER}"
        if path == "/oauth2/token":
            return authorization.startswith("Basic ")
        if path.startswith("/media/") and not path.startswith("/media/ton."):
            return not authorization
        nonce, stamp = (re.search(rf'{name}="([^"]+)"', authorization) for name in ("oauth_nonce", "oauth_timestamp"))
        if not nonce or not stamp:
            return False
        ours = Client(KEY, SECRET, TOKEN, TOKEN_SECRET, nonce=nonce[1], timestamp=stamp[1])
        signed = ours.sign(self.url + path, http_method="GET" if verb == "GET" else "POST")
        return str(signed[1]["Authorization"]) == authorization

    def _result(self, verb: str, path: str, said: dict[str, Any]) -> Answer:
        number = str(1_600_000_000_000_000_000 + len(self.asked))
        if path == "/oauth2/token":
            return 200, {"token_type": "bearer", "access_token": BEARER}
        if path == "/2/users/me":
            return 200, {"data": {"id": US, "name": "Pharos", "username": "PharosHelp"}}
        if path == "/2/webhooks" and verb == "GET":
            return 200, {"data": self.webhooks, "meta": {"result_count": len(self.webhooks)}}
        if path == "/2/webhooks":
            self.webhooks.append({"id": number, "url": said["url"], "valid": True})
            return 200, {"data": self.webhooks[-1]}
        if path.endswith("/subscriptions/all"):
            self.is_subscribed = self.is_subscribed or verb == "POST"
            return 200, {"data": {"subscribed": self.is_subscribed}}
        if name_of(path) == MESSAGE:
            return 201, {"data": {"dm_conversation_id": f"{path.split('/')[4]}-{US}", "dm_event_id": number}}
        if path == "/2/tweets":
            return 201, {"data": {"id": number, "text": said["text"], "edit_history_tweet_ids": [number]}}
        return 200, {"data": {"id": number, "media_key": f"3_{number}", "expires_after_secs": 86400}}


def name_of(path: str) -> str:
    """Return by what a method is planned and found."""
    return MESSAGE if path.startswith("/2/dm_conversations/") else path.rpartition("/")[2]


@contextmanager
def running(x: SmallX) -> Iterator[SmallX]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = fields(self.headers.get("Content-Type", ""), body)
            answer = x.answer(self.command, self.path, said, self.headers.get("Authorization", ""))
            if isinstance(answer, str):
                if answer == HANGS:
                    x.over.wait()
                self.close_connection = True
                return
            content = answer[1] if isinstance(answer[1], bytes) else json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(content)))
            for name, value in (answer[2] if len(answer) == 3 else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    x.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield x
    finally:
        x.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def small_x(settings: Settings) -> Iterator[SmallX]:
    """A small X that this process's settings name."""
    with running(SmallX()) as found:
        settings.X_API_URL = found.url
        settings.X_MEDIA_URL = f"{found.url}/media"
        yield found
