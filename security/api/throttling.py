"""How often a caller may call: a token or, without one, a person; counted per minute."""

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import rate_limits
from core.rate_limits import Spent
from security.access import actor_of
from security.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView  # imports this module by REST_FRAMEWORK's settings

SAFE = {"GET", "HEAD", "OPTIONS"}


class CallerThrottle(BaseThrottle):
    """Reading, writing and handing in mail have allowances of their own: settings.API_CALLS_PER_MIN."""

    spent: Spent | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count this call; whether it is within the allowance, or nobody can count."""
        kind = kind_of(request, view)
        actor = actor_of(request)
        limit = settings.API_CALLS_PER_MIN[kind]
        self.spent = rate_limits.spend(scope=f"api:{kind}", who=f"{actor.kind}:{actor.id}", limit=limit)
        if self.spent is None:
            return True
        # `ApiView.finalize_response` puts them on the answer, whatever it is.
        request.rate_limit_headers = self.spent.headers(kind)  # type: ignore[attr-defined]
        return not self.spent.is_over

    def wait(self) -> float | None:
        """Seconds until the next allowance."""
        return float(self.spent.reset_s) if self.spent else None


def kind_of(request: Request, view: "APIView") -> str:
    """Return which allowance a call uses: `intake`, `read` or `write`."""
    scopes = getattr(view, "required_scopes", {})
    if ApiToken.Scope.INTAKE in scopes.values():
        return "intake"
    return "read" if request.method in SAFE else "write"
