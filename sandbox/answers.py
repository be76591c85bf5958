"""JSON answers and problem documents."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from sandbox import problems


def document(body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Return a JSON answer."""
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")


def problem(status: HTTPStatus, code: str, detail: str, **members: Any) -> HttpResponse:
    """Return a problem document."""
    body = problems.body(status, code, detail) | members
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=problems.MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
