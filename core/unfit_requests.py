"""Requests that no door takes: methods nobody serves, and programs that speak in the clear."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext as _

from core import problems

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# Programs are not led on to https: nobody would notice that their secrets travel in the clear (ASVS 4.1.2).
PROGRAMS = ("/api/", "/hooks/")
FORBIDDEN = 403


class UnfitRequestMiddleware:
    """Refuses them before a session or a row is looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 405 to TRACE and whatever else is no method of ours (ASVS 13.4.4), 403 to programs without TLS."""
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if settings.SECURE_SSL_REDIRECT and request.path.startswith(PROGRAMS) and not request.is_secure():
            words = _("This address is served over https alone. Change what you have just sent: it was in the clear.")
            return problems.plain_problem(FORBIDDEN, "https_required", words)
        return self.get_response(request)
