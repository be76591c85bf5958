"""Bodies of the visitors' API: bounded, closed shapes; a field nobody listed is refused."""

from typing import TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livechat.origins import MAX_LENGTH

MAX_BYTES = 64 * 1024
MAX_TEXT = 20_000
Shape = TypeVar("Shape", bound="Body")


class Body(BaseModel):
    """Base of every body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Start(Body):
    """Which site embeds the frame, as the browser told it, and the visitor's language."""

    origin: str = Field(max_length=MAX_LENGTH)
    language: str = Field(default="", max_length=16)


class Say(Body):
    """What is said, under the client's own id for it."""

    client_id: str = Field(min_length=8, max_length=60, pattern=r"^[0-9A-Za-z_-]+$")
    text: str = Field(max_length=MAX_TEXT)


class Saw(Body):
    """How far the widget has received and the visitor read, in the conversation it shows."""

    chat: str = Field(max_length=20)
    delivered: int = Field(ge=0, le=2**31 - 1)
    read: int = Field(ge=0, le=2**31 - 1)


class Over(Body):
    """Which conversation the visitor ends."""

    chat: str = Field(max_length=20)


class TooLarge(Exception):
    """More than the API takes."""


class Invalid(Exception):
    """Not the shape that was asked for."""


def read(request: HttpRequest, shape: type[Shape]) -> Shape:
    """Return the request's JSON body. Raises TooLarge, Invalid."""
    if request.content_type != "application/json":
        raise Invalid
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise TooLarge
    try:
        return shape.model_validate_json(body)
    except (ValidationError, UnicodeDecodeError) as error:
        raise Invalid from error
