"""API errors as application/problem+json (RFC 9457)."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core import request_id


def exception_handler(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem document; None lets Django answer 500."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    elif isinstance(error, ValidationError):
        error = exceptions.ValidationError(error.messages)
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return problem(error.status_code, error.default_code, detail(error), errors=fields(error), headers=headers)


def problem(
    status: int, code: str, message: str, *, errors: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Build a problem response; `code` is stable, `message` is for people."""
    body: dict[str, Any] = {
        "type": f"/api/v1/problems/{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": message,
        "instance": request_id.current(),
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def detail(error: exceptions.APIException) -> str:
    """Return one sentence for people."""
    if isinstance(error.detail, str):
        return str(error.detail)
    return "Some fields are not right; `errors` names each."


def fields(error: exceptions.APIException) -> dict[str, Any] | None:
    """Return the errors by field, if it is about fields."""
    if isinstance(error.detail, dict):
        return dict(error.detail)
    if isinstance(error.detail, list):
        return {"non_field_errors": error.detail}
    return None
