"""What a call may do: the token's scope and the person's role must both allow it. Undeclared is refused."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import Staff
from accounts.permissions import Permission
from security import access
from security.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView  # imports this module by REST_FRAMEWORK's settings

SESSION_SCOPES = frozenset({ApiToken.Scope.READ, ApiToken.Scope.WRITE})
SAME_AS_GET = {"HEAD"}


class HasScope(BasePermission):
    """Views declare, per method, `required_scopes` and `required_permission`."""

    message = "This needs another scope or role."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether both allow this method; a refusal to somebody known is recorded.

        Raises MethodNotAllowed to somebody known for a method that this endpoint does not have.
        """
        person = request.user
        if not isinstance(person, Staff):
            return False
        if not hasattr(view, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        method = "GET" if request.method in SAME_AS_GET else str(request.method)
        scopes: Mapping[str, str] = getattr(view, "required_scopes", {})
        permissions: Mapping[str, Permission] = getattr(view, "required_permission", {})
        scope, permission = scopes.get(method), permissions.get(method)
        if scope is not None and permission is not None and scope in held(request) and person.has(permission):
            return True
        access.record_denial(request, permission)
        return False


def held(request: Request) -> frozenset[str]:
    """Return the scopes of the token; a browser session reads and writes but never hands in mail."""
    if isinstance(request.auth, ApiToken):
        return frozenset(request.auth.scopes)
    return frozenset(SESSION_SCOPES)
