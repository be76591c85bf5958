"""Calling a vendor: one HTTPS request, no redirect followed, answers bounded, no secret in a message or a log."""

import http.client
import ipaddress
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.filenames import safe_filename
from tickets.channels.social.shapes import OutgoingFile, VendorAway

TIMEOUT_S: Final = 15.0
MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
UNKNOWN_TYPE: Final = "application/octet-stream"
_TYPE: Final = re.compile(r"[a-z0-9]{1,40}/[a-z0-9.+-]{1,80}\Z")


class NotHandedOver(Exception):
    """Nothing has left: no connection, or another worker has taken the message over (`is_lost`)."""

    def __init__(self, detail: str, *, is_lost: bool = False) -> None:
        super().__init__(detail)
        self.is_lost = is_lost


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent, as bytes with their type."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `path` is below the API's address and begins with a slash; it may hold a query."""

    method: str
    path: str
    form: Form | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """Status, header fields by their names in small letters, and the bytes, cut where they grow too long."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Vendor:
    """Where a vendor's API is: the name of the setting, and how sentences call the vendor."""

    setting: str
    name: str

    @property
    def url(self) -> SplitResult:
        """Return the address. Raises ImproperlyConfigured for clear text, but to this machine in development."""
        said: str = getattr(settings, self.setting)
        url = urlsplit(said.rstrip("/"))
        if url.scheme == "https" or (url.scheme == "http" and settings.DEMO and _is_loopback(url.hostname or "")):
            return url
        message = f"PHAROS_{self.setting} must begin with https://."
        raise ImproperlyConfigured(message)

    def ask(
        self,
        request: Request,
        *,
        hand_over: Callable[[], bool] = lambda: True,
        limit: int = MAX_ANSWER_BYTES,
    ) -> Response:
        """Make one request; `hand_over` is asked once connected, before anything leaves.

        Raises NotHandedOver when nothing has left, VendorAway when no answer came.
        """
        url = self.url
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=TIMEOUT_S)
        form = request.form
        headers = {**({"Content-Type": form.content_type} if form else {}), **request.headers}
        try:
            try:
                connection.connect()
            except OSError as error:
                raise NotHandedOver(f"{self.name} was not reached ({type(error).__name__}).") from error
            if not hand_over():
                raise NotHandedOver("Another worker has taken this over.", is_lost=True)
            try:
                connection.request(request.method, url.path + request.path, form.content if form else None, headers)
                answer = connection.getresponse()
                fields = {name.lower(): value for name, value in answer.getheaders()}
                return Response(answer.status, fields, answer.read(limit))
            except (OSError, http.client.HTTPException) as error:
                raise VendorAway(f"{self.name} gave no answer ({type(error).__name__}).") from error
        finally:
            connection.close()


def json_form(**fields: Any) -> Form:
    """Return the fields as a JSON body."""
    return Form(json.dumps(fields).encode(), "application/json")


def multipart(fields: Mapping[str, str], name: str, file: OutgoingFile) -> Form:
    """Return a form with a file. Its name is made safe: no quote and no line end leaves the header field."""
    boundary = secrets.token_hex(16)
    filename = safe_filename(file.name).replace('"', "_").replace("\\", "_")
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {file.content_type if _TYPE.match(file.content_type) else UNKNOWN_TYPE}\r\n\r\n"
    )
    content = head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()
    return Form(content, f"multipart/form-data; boundary={boundary}")


def json_object(content: bytes) -> dict[str, Any]:
    """Return the object that the bytes say; empty when they say none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
