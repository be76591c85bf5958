"""A database that is away answers 503 with Retry-After, a full disk 507; never a stack trace."""

from collections.abc import Callable

import structlog
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader

from core.files import StorageFull

log = structlog.get_logger(__name__)
RETRY_AFTER_S = 5


class UnavailableMiddleware:
    """Turns the two conditions that heal by themselves into answers a client can act on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through; failures arrive in process_exception, or here from other middleware."""
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError, StorageFull) as error:
            return self._answer(request, error)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for views."""
        if isinstance(exception, OperationalError | InterfaceError | StorageFull):
            return self._answer(request, exception)
        return None

    def _answer(self, request: HttpRequest, error: Exception) -> HttpResponse:
        full = isinstance(error, StorageFull) or "No space left" in str(error)
        status = 507 if full else 503
        log.error("unavailable", status_code=status, reason=type(error).__name__)
        if request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json"):
            title = "Storage is full" if full else "The database is not available"
            body = {"type": "about:blank", "title": title, "status": status, "detail": "Nothing was lost. Try again."}
            response: HttpResponse = JsonResponse(body, status=status, content_type="application/problem+json")
        else:
            response = HttpResponse(loader.render_to_string(f"{status}.html"), status=status)
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response
