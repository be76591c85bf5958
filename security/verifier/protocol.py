"""What is said over the socket: one JSON object a line, at most 64 KiB; a request names its operation.

Request: `{"operation": str, "given": {…}}`. Answer: `{"found": {…}}`, or `{"refused": CODE, "detail": str}`.
"""

import json
from enum import StrEnum
from typing import Any

MOST_BYTES = 65_536
Given = dict[str, Any]


class Code(StrEnum):
    """Why nothing was proven."""

    REFUSED = "refused"  # the answer is wrong
    LOCKED = "locked"  # five wrong answers: nothing is compared for a while
    EXPIRED = "expired"  # begun too long ago, used, or tried five times
    NO_FACTOR = "no_factor"
    BAD_REQUEST = "bad_request"
    UNAVAILABLE = "unavailable"  # the verifier cannot reach its database


class RefusedError(Exception):
    """Nothing was proven; `code` and one plain sentence say why."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def encode(message: Given) -> bytes:
    """Return one line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Given:
    """Return the object of one line; raises RefusedError when it is none, or too long."""
    if len(line) > MOST_BYTES or not line.endswith(b"\n"):
        raise RefusedError(Code.BAD_REQUEST, f"A message is one line of at most {MOST_BYTES} bytes.")
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        raise RefusedError(Code.BAD_REQUEST, "A message is one JSON object.")
    return message


def text(given: Given, name: str) -> str:
    """Return a text that must be there."""
    value = given.get(name)
    if not isinstance(value, str):
        raise RefusedError(Code.BAD_REQUEST, f"`{name}` must be a text.")
    return value


def number(given: Given, name: str) -> int:
    """Return a whole number that must be there."""
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RefusedError(Code.BAD_REQUEST, f"`{name}` must be a whole number.")
    return value


def binary(given: Given, name: str) -> bytes:
    """Return bytes that are written in hexadecimal."""
    try:
        return bytes.fromhex(text(given, name))
    except ValueError:
        raise RefusedError(Code.BAD_REQUEST, f"`{name}` must be hexadecimal.") from None
