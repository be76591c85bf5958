"""Who calls the API: the holder of a bearer token (RFC 6750), or a signed-in browser with its CSRF token."""

import structlog
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import Staff
from security.models import ApiToken
from security.services import api_tokens


class BearerTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer ph_…`; a wrong, revoked or expired token is 401, never "try as somebody else"."""

    def authenticate(self, request: Request) -> tuple[Staff, ApiToken] | None:
        """Return the token's person and the token; None when no bearer token was sent."""
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        token = api_tokens.use(secret=secret.strip())
        if token is None:
            raise AuthenticationFailed("This token is unknown, revoked or expired.", code="invalid_token")
        # Every audit entry of this request names the token beside the person it acts for.
        structlog.contextvars.bind_contextvars(via=f"token {token.public_id}")
        return token.staff, token

    def authenticate_header(self, _request: Request) -> str:
        """Return the challenge of a 401."""
        return 'Bearer realm="pharos"'


class StaffSessionAuthentication(SessionAuthentication):
    """The staff session that the middleware admitted; every unsafe method must carry the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Staff, None] | None:
        """Return the signed-in person; None for everybody else."""
        session = getattr(request._request, "staff_session", None)  # noqa: SLF001 -- DRF's name for Django's request
        if session is None:
            return None
        self.enforce_csrf(request)
        return session.staff, None
