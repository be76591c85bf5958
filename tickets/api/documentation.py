"""The OpenAPI schema and a readable page of it, for people and tokens that may use the API."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView

from accounts.permissions import Permission
from security.access import staff_required
from security.api.permissions import HasScope
from security.api.views import RateLimited
from security.models import ApiToken

METHODS = ("get", "post", "patch", "put", "delete")


class Schema(RateLimited, SpectacularAPIView):
    """`/api/v1/schema/` as YAML, or JSON by `?format=json`; not open to strangers (attack D6)."""

    # The library's view opens itself to everybody unless told otherwise.
    permission_classes = [HasScope]
    required_scopes = {"GET": ApiToken.Scope.READ}
    required_permission = {"GET": Permission.TICKET_VIEW}
    known_parameters = frozenset({"format", "lang"})


@require_safe
@staff_required(Permission.TICKET_VIEW)
def docs(request: HttpRequest) -> HttpResponse:
    """A page made from the schema: no script, no foreign origin."""
    generator: Any = SchemaGenerator  # drf-spectacular does not type it
    schema: dict[str, Any] = generator().get_schema(request=None, public=True)
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("description", ""),
            "parameters": operation.get("parameters", []),
            "responses": sorted(operation.get("responses", {})),
        }
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    return render(request, "api/docs.html", {"info": schema["info"], "operations": operations})
