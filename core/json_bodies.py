"""Reading JSON request bodies: bounded in bytes and in depth, whatever the client claims."""

import io
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


class BodyTooLarge(APIException):
    """413 (RFC 9110, 15.5.14): the body is larger than this endpoint takes."""

    status_code = 413
    default_detail = "The body is larger than this endpoint takes."
    default_code = "body_too_large"


class BoundedJSONParser(JSONParser):
    """DRF's parser reads whatever comes; this one stops at MAX_JSON_BYTES."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 -- any JSON value
        """Return the value; raises BodyTooLarge (413) or ParseError (400)."""
        body = stream.read(settings.MAX_JSON_BYTES + 1)
        if len(body) > settings.MAX_JSON_BYTES:
            raise BodyTooLarge
        try:
            return super().parse(io.BytesIO(body), media_type, dict(parser_context or {}))
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error
        except LookupError as error:  # a charset that does not exist
            raise ParseError("JSON parse error - unknown charset") from error
