"""Refusals as RFC 9457 problem details."""

from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A request that is not answered as asked; nothing is recorded."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


class Refused(Exception):
    """An action that is not executed, for a reason that is final for its id."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def body(status: HTTPStatus, code: str, detail: str) -> dict[str, Any]:
    """Return the members of a problem document."""
    return {
        "type": f"urn:pharos:exchange:{code}",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
