"""How the API's description names our two ways of being known."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class BearerTokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer ph_…`."""

    target_class = "security.api.authentication.BearerTokenAuthentication"
    name = "token"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A token of `manage.py api_token`, with scopes."}


class StaffSessionScheme(OpenApiAuthenticationExtension):
    """The cookie of a signed-in browser, with the CSRF token on unsafe methods."""

    target_class = "security.api.authentication.StaffSessionAuthentication"
    name = "session"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
