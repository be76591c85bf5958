"""API errors as application/problem+json (RFC 9457)."""

import math
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core import request_id
from core.json_bodies import BodyTooLarge

CONTENT_TYPE = "application/problem+json"


class ProblemResponse(Response):
    """A problem document: JSON whatever the endpoint itself would have rendered."""

    @property
    def rendered_content(self) -> str:
        """Return the document's bytes."""
        self.headers["Content-Type"] = CONTENT_TYPE
        return JSONRenderer().render(self.data).decode()


def exception_handler(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem document; None lets Django answer 500."""
    known = _as_api_exception(error)
    if known is None:
        return None
    set_rollback()
    headers: dict[str, str] = {}
    if challenge := getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(known, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return problem(known.status_code, known.default_code, detail(known), errors=fields(known), headers=headers)


def problem(
    status: int, code: str, message: str, *, errors: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Build a problem response for an API view; `code` is stable, `message` is for people."""
    body = document(status, code, message)
    if errors:
        body["errors"] = errors
    return ProblemResponse(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def plain_problem(status: int, code: str, message: str) -> HttpResponse:
    """Build the same outside an API view, where nothing is rendered."""
    return JsonResponse(document(status, code, message), status=status, content_type=CONTENT_TYPE)


def document(status: int, code: str, message: str) -> dict[str, Any]:
    """Return the members that every problem has."""
    return {
        "type": f"/api/v1/problems/{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": message,
        "instance": request_id.current(),
    }


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


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, ValidationError):
        return exceptions.ValidationError(error.messages)
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return exceptions.ParseError("The request could not be read.")
    return None
