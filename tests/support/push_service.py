"""A small push service and its browsers: takes what is pushed as the standards say, and opens it as a browser does.

It knows the standards by itself (RFC 8030, 8188, 8291, 8292): nothing of what it judges is used to judge it.
"""

import base64
import http.server
import json
import os
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
A_DAY_S = 24 * 60 * 60


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """One subscription: its key pair and secret, and where the push service takes what is for it."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def posted(self) -> dict[str, str]:
        """What its page posts to us."""
        return {"endpoint": self.endpoint, "browser_key": to_base64url(self.point), "auth": to_base64url(self.secret)}

    def open(self, body: bytes) -> bytes:
        """Return the words of one record coded as aes128gcm."""
        salt, theirs = body[:16], body[21 : 21 + body[20]]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
        material = _derived(shared, self.secret, b"WebPush: info\0" + self.point + theirs, 32)
        key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, body[21 + body[20] :], None)
        words, last, padding = padded.rpartition(b"\x02")
        assert last == b"\x02"
        assert not padding.strip(b"\0")
        return words


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)


@dataclass
class PushService:
    """What came in, and what is answered: the next of `answers` (status, headers), else 201."""

    url: str = ""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def browser(self, name: str = "one") -> Browser:
        return Browser(f"{self.url}/push/{name}")

    def opened(self, browser: Browser) -> dict[str, Any]:
        """Return what the last message says, after looking at who sent it as push services do."""
        path, headers, body = self.got[-1]
        assert self.url + path == browser.endpoint
        assert headers["Content-Encoding"] == "aes128gcm"
        assert int(headers["TTL"]) >= 0
        assert len(body) <= 4096
        given, _comma, key = headers["Authorization"].removeprefix("vapid t=").partition(", k=")
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, from_base64url(key))
        claims = jwt.decode(given, point, algorithms=["ES256"], audience=self.url, options={"require": ["exp", "sub"]})
        assert claims["exp"] <= time.time() + A_DAY_S
        assert claims["sub"].startswith("mailto:")
        said: dict[str, Any] = json.loads(browser.open(body))
        return said


@contextmanager
def serving(folder: Path) -> Iterator[PushService]:
    """Yield a push service on the loopback; its authority's certificate is `folder`/ca.pem."""
    service = PushService()

    class Takes(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.got.append((self.path, dict(self.headers), body))
            status, headers = service.answers.pop(0) if service.answers else (201, {})
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    server = http.server.HTTPServer(("127.0.0.1", 0), Takes)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    service.url = f"https://localhost:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
