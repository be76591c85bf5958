"""Two origins from one process: the content host serves user content and nothing else, the site host never does."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CONTENT_URLCONF = "helpdesk.content_urls"


class ContentOriginMiddleware:
    """Chooses the URL table by the Host header, before sessions and cookies are looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.content_host = urlsplit(settings.CONTENT_URL).netloc

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the URL table of the content origin where it was asked for."""
        if request.META.get("HTTP_HOST", "") == self.content_host:
            request.urlconf = CONTENT_URLCONF
        return self.get_response(request)
