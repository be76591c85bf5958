"""What every view of the API inherits: rate limits, told in each answer, and a closed list of query parameters."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from security.api.throttling import CallerThrottle


class RateLimited(APIView):
    """Counts calls per caller; every answer says what remains (draft-ietf-httpapi-ratelimit-headers)."""

    throttle_classes = [CallerThrottle]
    # The query parameters of GET, and no others: nothing may be probed by name.
    known_parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After rights and limits, refuse a parameter that is none of this view's. Raises ValidationError."""
        super().initial(request, *args, **kwargs)
        known = self.known_parameters if request.method in {"GET", "HEAD"} else frozenset()
        if unknown := sorted(request.query_params.keys() - known):
            raise ValidationError({name: ["This is not a parameter of this address."] for name in unknown})

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Add the headers that the throttle has left on the request."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(request, "rate_limit_headers", {}).items():
            answer.headers[name] = value
        return answer
