"""A database that is away answers 503 with Retry-After, a full disk 507; never a stack trace."""

from collections.abc import Callable

import structlog
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader

from core import disks
from core.disks import StorageFull
from core.waiting import WAITED

log = structlog.get_logger(__name__)
RETRY_AFTER_S = 5
# Who has waited this long for a thread is told to come again, so that a jam never grows.
PATIENCE_S = 10.0
# What heals by itself, beside a disk that is full.
PASSING = (OperationalError, InterfaceError, StorageFull)


def is_passing(error: BaseException | None) -> bool:
    """Whether this heals by itself: the database is away or busy, or no room is left."""
    return isinstance(error, PASSING) or (isinstance(error, OSError) and disks.is_no_room(error))


class UnavailableMiddleware:
    """Turns the conditions that heal by themselves into answers a client can act on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through, unless the request has waited too long already.

        Failures of views arrive in process_exception, those of other middleware in helpdesk.error_pages.
        """
        if request.META.get(WAITED, 0.0) > PATIENCE_S:
            return answer(request, None)
        try:
            return self.get_response(request)
        except (*PASSING, OSError) as error:
            if not is_passing(error):
                raise
            return answer(request, error)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for views."""
        return answer(request, exception) if is_passing(exception) else None


def answer(request: HttpRequest, error: Exception | None) -> HttpResponse:
    """Say what is the matter, to programs as a problem document (RFC 9457); `error` None: too many ask at once."""
    full = error is not None and (isinstance(error, StorageFull) or disks.is_no_room(error))
    status = 507 if full else 503
    if error is not None and full:
        disks.report_full(disks.place_of(error))
    log.error("unavailable", status_code=status, reason=type(error).__name__ if error else "waited too long")
    if request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json"):
        title = "Storage is full" if full else "The database is not available" if error else "Too many requests at once"
        body = {"type": "about:blank", "title": title, "status": status, "detail": "Nothing was lost. Try again."}
        response: HttpResponse = JsonResponse(body, status=status, content_type="application/problem+json")
    else:
        response = HttpResponse(loader.render_to_string(f"{status}.html"), status=status)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
