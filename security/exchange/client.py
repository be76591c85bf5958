"""The signed back channel to the exchange: every request carries a token of ours that covers method, path and body."""

import hashlib
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
from django.conf import settings
from django.utils import timezone
from jwt.utils import base64url_encode

from core.ids import new_public_id
from security.exchange import keys

TIMEOUT_S = 3.0
TOKEN_LIFE = timedelta(seconds=60)
MAX_ANSWER_BYTES = 1024 * 1024
TYPE = "pharos-request+jwt"


class ExchangeAway(Exception):
    """The exchange gave no answer that says yes or no: not reached, too slow, broken, or not JSON. Ask again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the exchange said: a status below 500 and a JSON object."""

    status: int
    body: Mapping[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether it did as asked."""
        return 200 <= self.status < 300


def get(path: str, *, timeout_s: float = TIMEOUT_S) -> Answer:
    """Ask for `path` (with its query). Raises ExchangeAway."""
    return _ask("GET", settings.EXCHANGE_URL, path, b"", timeout_s)


def post(path: str, body: Mapping[str, Any], *, timeout_s: float = TIMEOUT_S) -> Answer:
    """Send `body` as JSON. Raises ExchangeAway."""
    return _ask("POST", settings.EXCHANGE_URL, path, json.dumps(body).encode(), timeout_s)


def public_keys() -> Mapping[str, Any]:
    """Return the exchange's JWKS. Raises ExchangeAway."""
    url = urlsplit(settings.EXCHANGE_JWKS_URL)
    answer = _ask("GET", f"{url.scheme}://{url.netloc}", url.path, b"", TIMEOUT_S)
    if not answer.is_good:
        raise ExchangeAway(f"its keys are not there ({answer.status})")
    return answer.body


def authorization(method: str, path: str, body: bytes) -> str:
    """Return the header of one request: a token for this method, path and body, good for a minute, of one use."""
    now = timezone.now()
    claims = {
        "iss": "pharos",
        "aud": settings.EXCHANGE_ISSUER,
        "iat": now,
        "exp": now + TOKEN_LIFE,
        "jti": new_public_id(),
        "htm": method,
        "htu": path,
        "bh": base64url_encode(hashlib.sha256(body).digest()).decode("ascii"),
    }
    headers = {"typ": TYPE, "kid": keys.gateway_key_id()}
    return f"Bearer {jwt.encode(claims, keys.gateway_key(), algorithm=keys.ALGORITHM, headers=headers)}"


def _ask(method: str, base: str, path: str, body: bytes, timeout_s: float) -> Answer:
    origin = urlsplit(base)
    whole = f"{origin.path.rstrip('/')}{path}"
    headers = {"Authorization": authorization(method, whole, body), "Accept": "application/json"}
    if body:
        headers["Content-Type"] = "application/json"
    kind = http.client.HTTPSConnection if origin.scheme == "https" else http.client.HTTPConnection
    connection = kind(origin.hostname or "", origin.port, timeout=timeout_s)
    try:
        connection.request(method, whole, body or None, headers)
        response = connection.getresponse()
        content = response.read(MAX_ANSWER_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise ExchangeAway(f"it was not reached ({type(error).__name__})") from error
    finally:
        connection.close()
    return _read(response.status, content)


def _read(status: int, content: bytes) -> Answer:
    if status >= 500:
        raise ExchangeAway(f"it answered {status}")
    if len(content) > MAX_ANSWER_BYTES:
        raise ExchangeAway("its answer is too long")
    try:
        body = json.loads(content) if content else {}
    except ValueError as error:
        raise ExchangeAway("its answer is not JSON") from error
    if not isinstance(body, dict):
        raise ExchangeAway("its answer is no object")
    return Answer(status, body)
