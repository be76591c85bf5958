"""Calling the Bot API: one HTTPS request, no redirect followed, answers bounded, the token in no message and no log."""

import http.client
import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tickets.channels.social.shapes import VendorAway
from tickets.models import SocialAccount

TIMEOUT_S: Final = 15.0
MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024


class NotHandedOver(Exception):
    """Nothing has left: no connection, or another worker has taken the message over (`is_lost`)."""

    def __init__(self, detail: str, *, is_lost: bool = False) -> None:
        super().__init__(detail)
        self.is_lost = is_lost


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Bot API said: `result` when it is ok, else its code, its words and, with 429, seconds to wait."""

    is_ok: bool
    result: Any = None
    code: int = 0
    description: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent, as bytes with their type."""

    content: bytes
    content_type: str


def json_form(**fields: Any) -> Form:
    """Return the fields as a JSON body."""
    return Form(json.dumps(fields).encode(), "application/json")


def base_url() -> str:
    """Return where the Bot API is. Raises ImproperlyConfigured for clear text, but to this machine in development."""
    url = urlsplit(settings.TELEGRAM_API_URL)
    if url.scheme == "https" or (url.scheme == "http" and settings.DEMO and _is_loopback(url.hostname or "")):
        return settings.TELEGRAM_API_URL.rstrip("/")
    message = "PHAROS_TELEGRAM_API_URL must begin with https://."
    raise ImproperlyConfigured(message)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def call(
    account: SocialAccount, method: str, form: Form | None = None, *, hand_over: Callable[[], bool] = lambda: True
) -> Answer:
    """Call a method. `hand_over` is asked once connected, before anything leaves.

    Raises NotHandedOver when nothing has left, VendorAway when no answer came or none that can be read.
    """
    path = f"{urlsplit(base_url()).path}/bot{quote(account.token or '', safe=':')}/{method}"
    status, content = _ask("POST", path, form or json_form(), hand_over, MAX_ANSWER_BYTES)
    return _read(status, content)


def download(account: SocialAccount, file_path: str, *, limit: int) -> tuple[int, bytes]:
    """Return status and content of a file, at most one byte more than `limit`. Raises NotHandedOver, VendorAway."""
    token = quote(account.token or "", safe=":")
    path = f"{urlsplit(base_url()).path}/file/bot{token}/{quote(file_path, safe='/')}"
    return _ask("GET", path, None, lambda: True, limit + 1)


def _ask(method: str, path: str, form: Form | None, hand_over: Callable[[], bool], limit: int) -> tuple[int, bytes]:
    url = urlsplit(base_url())
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=TIMEOUT_S)
    headers: Mapping[str, str] = {"Content-Type": form.content_type} if form else {}
    try:
        try:
            connection.connect()
        except OSError as error:
            raise NotHandedOver(f"Telegram was not reached ({type(error).__name__}).") from error
        if not hand_over():
            raise NotHandedOver("Another worker has taken this over.", is_lost=True)
        try:
            connection.request(method, path, form.content if form else None, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read(limit)
        except (OSError, http.client.HTTPException) as error:
            raise VendorAway(f"Telegram gave no answer ({type(error).__name__}).") from error
    finally:
        connection.close()


def _read(status: int, content: bytes) -> Answer:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        if status >= http.client.BAD_REQUEST:
            return Answer(is_ok=False, code=status, description=http.client.responses.get(status, ""))
        raise VendorAway("Telegram's answer cannot be read.")
    if said.get("ok") is True:
        return Answer(is_ok=True, result=said.get("result"))
    parameters = said.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return Answer(
        is_ok=False,
        code=_number(said.get("error_code"), status),
        description=str(said.get("description") or "")[:200],
        retry_after_s=float(wait) if isinstance(wait, int | float) and 0 <= wait <= 24 * 60 * 60 else None,
    )


def _number(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
