"""What every answer of the sandbox carries: headers for browsers, problem documents for refusals."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from sandbox import answers, configuration
from sandbox.problems import Problem


class Guarding:
    """Sets the content security policy, keeps answers out of caches and turns refusals into problem documents."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        # A form that is sent here may lead on to the portal: browsers ask form-action for both.
        portal = configuration.current().portal_origin
        # The chat is Pharos': its loader is the one script here, its frame the one frame.
        self.policy = (
            f"default-src 'none'; style-src 'self'; script-src {portal}; frame-src {portal}; "
            # Where the chat's loader asks who is signed in.
            "connect-src 'self'; "
            f"form-action 'self' {portal}; base-uri 'none'; frame-ancestors 'none'"
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal."""
        return (
            answers.problem(exception.status, exception.code, exception.detail)
            if isinstance(exception, Problem)
            else None
        )
