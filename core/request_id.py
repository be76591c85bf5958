"""One id per request or task, in every log line, audit entry and response."""

import re
import secrets
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")


def current() -> str:
    """Return the id of the request or task at hand, or an empty string."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def begin(request_id: str | None = None) -> str:
    """Start a new context under `request_id` or a fresh one, and return it."""
    chosen = request_id or secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=chosen)
    return chosen


class RequestIdMiddleware:
    """Takes a well-formed X-Request-ID from the proxy, else makes one; answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Bind the id for the length of the request."""
        given = request.headers.get("X-Request-ID", "")
        request_id = begin(given if GIVEN.fullmatch(given) else None)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response
