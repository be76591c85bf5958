"""What every view of the API inherits: rate limits, told in each answer."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from security.api.throttling import CallerThrottle


class RateLimited(APIView):
    """Counts calls per caller; every answer says what remains (draft-ietf-httpapi-ratelimit-headers)."""

    throttle_classes = [CallerThrottle]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Add the headers that the throttle has left on the request."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(request, "rate_limit_headers", {}).items():
            answer.headers[name] = value
        return answer
