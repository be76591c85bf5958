"""Error pages: what happened, why, and what to do; never a stack trace."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template import loader

from core import request_id, unavailable
from core.problems import plain_problem

API = "/api/"
API_PROBLEMS = {
    400: ("bad_request", "The request could not be read."),
    403: ("permission_denied", "You may not do this."),
    404: ("not_found", "There is nothing here."),
    500: ("server_error", "Something broke here. Try again; if it stays broken, name `instance` to support."),
}


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith(API):
        return plain_problem(status, *API_PROBLEMS[status])
    context = {"request_id": request_id.current()}
    return HttpResponse(loader.render_to_string(f"{status}.html", context, request), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token was missing or old."""
    return HttpResponse(
        loader.render_to_string("403_csrf.html", {"request_id": request_id.current()}, request), status=403
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _page(request, 404)


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 when what failed heals by itself: Django brings what a middleware raised here, and nowhere else."""
    error = sys.exception()
    if isinstance(error, Exception) and unavailable.is_passing(error):
        return unavailable.answer(request, error)
    if request.path.startswith(API):
        return plain_problem(500, *API_PROBLEMS[500])
    return HttpResponse(loader.render_to_string("500.html", {"request_id": request_id.current()}), status=500)
