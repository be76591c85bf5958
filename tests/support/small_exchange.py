"""A small exchange for tests: real HTTP on this machine, its keys and their rotation, hand-offs, and freezes."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_django import Settings

from security.exchange import keys

MAY_SIGN_IN = {"name": "Mina Customer", "email": "mina@example.com", "email_verified": True, "locale": "en", "zoneinfo": "UTC"}  # fmt: skip


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class SmallExchange:
    """What it knows and what it was asked; tests change the former and look at the latter."""

    url: str = ""
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    current: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    # The next answers of the freeze endpoint; 200 when there is none.
    freeze_answers: list[int] = field(default_factory=list)
    # The next answers of the notifications endpoint; 201 when there is none.
    notification_answers: list[int] = field(default_factory=list)
    # What it answers to GET, by path.
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    # What the next token says instead, header and claims; None leaves one out.
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    # A token that is handed out as it is.
    token: str = ""

    def rotate(self, *, publish: bool = True) -> str:
        """Sign by a new key from now on; return its name."""
        kid = f"exchange-{secrets.token_hex(4)}"
        self.keys[kid] = Ed25519PrivateKey.generate()
        self.current = kid
        if publish:
            self.published.append(kid)
        return kid

    def hand_off(self, location: str, *, account_id: str = "acc-1", **who: Any) -> dict[str, str]:
        """Do what the exchange's own page does after Pharos sent a browser to it; return code and state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "account_id": account_id, "who": json.dumps({**MAY_SIGN_IN, **who})}
        return {"code": code, "state": asked["state"]}

    def token_for(self, code: dict[str, str]) -> str:
        """Return the signed word on who has signed in."""
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.url, "aud": "pharos-portal", "sub": code["account_id"], "nonce": code["nonce"],
            "jti": secrets.token_urlsafe(12), "iat": now, "exp": now + 60, "auth_time": now - 5, "amr": ["pwd", "otp", "mfa"],
            **json.loads(code["who"]), **self.claims,
        }  # fmt: skip
        return self._written(claims, {"typ": "hand-off+jwt", "kid": self.current, **self.header})

    def chat_identity(self, secret: str, *, account_id: str = "acc-1", **who: Any) -> str:
        """Return the signed word on who is signed in, for the chat's frame that holds `secret`."""
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.url, "aud": "pharos-chat", "sub": account_id,
            "nonce": b64(hashlib.sha256(secret.encode()).digest()), "jti": secrets.token_urlsafe(12), "iat": now,
            "exp": now + 60, "auth_time": now - 5, "amr": ["pwd", "otp", "mfa"], **MAY_SIGN_IN, **who, **self.claims,
        }  # fmt: skip
        return self._written(claims, {"typ": "chat-identity+jwt", "kid": self.current, **self.header})

    def _written(self, claims: dict[str, Any], header: dict[str, Any]) -> str:
        told = {name: value for name, value in claims.items() if value is not None}
        if header.get("alg") == "none":
            return jwt.encode(told, "", algorithm="none", headers={"typ": header["typ"], "kid": header["kid"]})
        if header.get("alg") == "HS256":
            secret = self.keys[self.current].public_key().public_bytes_raw()
            return jwt.encode(told, secret, algorithm="HS256", headers={"typ": header["typ"], "kid": header["kid"]})
        return jwt.encode(told, self.keys[self.current], algorithm="EdDSA", headers=header)

    def event(self, event_id: str = "evt_1", **changed: Any) -> bytes:
        """Return the bytes of an event."""
        said = {
            "id": event_id, "type": "device.new", "account_id": "acc-1",
            "occurred_at": datetime.now(UTC).isoformat(), "data": {},
        }  # fmt: skip
        return json.dumps({**said, **changed}).encode()

    def signed(self, body: bytes, event_id: str = "evt_1") -> str:
        """Return the header that goes with an event; `header` and `claims` say otherwise here, too."""
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.url, "aud": "pharos-events", "iat": now, "exp": now + 60, "jti": event_id,
            "bh": b64(hashlib.sha256(body).digest()), **self.claims,
        }  # fmt: skip
        return f"Bearer {self._written(claims, {'typ': 'exchange-event+jwt', 'kid': self.current, **self.header})}"

    def jwks(self) -> dict[str, Any]:
        """Return the published keys."""
        found = [{**keys.jwk("x", self.keys[kid].public_key()), "kid": kid} for kid in self.published]
        return {"keys": found}

    def answer(self, method: str, path: str, body: bytes, authorization: str) -> tuple[int, Any]:
        """Answer one request as the contract says."""
        if path == "/.well-known/jwks.json":
            return 200, self.jwks()
        problem = self._refusal(method, path, body, authorization)
        if problem:
            self.refused.append(problem)
            return 401, {"code": problem}
        said = json.loads(body) if body else {}
        self.asked.append((method, path, said))
        if path == "/support/token":
            return self._token(said)
        if path.endswith("/freeze"):
            status = self.freeze_answers.pop(0) if self.freeze_answers else 200
            return status, {"frozen_at": datetime.now(UTC).isoformat()}
        if path.endswith("/notifications"):
            return (self.notification_answers.pop(0) if self.notification_answers else 201), {"id": said["id"]}
        if method == "GET" and path.split("?", maxsplit=1)[0] in self.answers:
            return self.answers[path.split("?", maxsplit=1)[0]]
        return 404, {"code": "unknown"}

    def _token(self, said: dict[str, str]) -> tuple[int, Any]:
        code = self.codes.pop(said["code"], None)
        challenge = b64(hashlib.sha256(said["code_verifier"].encode()).digest())
        if code is None or challenge != code["code_challenge"] or said["redirect_uri"] != code["redirect_uri"]:
            return 400, {"code": "invalid_grant"}
        return 200, {"token": self.token or self.token_for(code)}

    def _refusal(self, method: str, path: str, body: bytes, authorization: str) -> str:
        """Say what is wrong with our own request, as the exchange would check it."""
        token = authorization.removeprefix("Bearer ")
        try:
            claims = jwt.decode(
                token, keys.gateway_key().public_key(), algorithms=["EdDSA"], audience=self.url, issuer="pharos"
            )
        except jwt.PyJWTError as error:
            return type(error).__name__
        covered = (claims["htm"], claims["htu"], claims["bh"])
        is_covered = covered == (method, path, b64(hashlib.sha256(body).digest()))
        is_short = claims["exp"] - claims["iat"] <= 60
        is_typed = jwt.get_unverified_header(token)["typ"] == "pharos-request+jwt"
        return "" if is_covered and is_short and is_typed else "not covered"


@contextmanager
def running(exchange: SmallExchange) -> Iterator[SmallExchange]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = exchange.answer(self.command, self.path, body, self.headers.get("Authorization", ""))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    exchange.url = f"http://127.0.0.1:{server.server_port}"
    exchange.rotate()
    try:
        yield exchange
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def exchange(settings: Settings) -> Iterator[SmallExchange]:
    """A small exchange that this process's settings name."""
    with running(SmallExchange()) as found:
        settings.EXCHANGE_URL = settings.EXCHANGE_SITE_URL = settings.EXCHANGE_ISSUER = found.url
        settings.EXCHANGE_JWKS_URL = f"{found.url}/.well-known/jwks.json"
        yield found
