"""Bodies of the visitors' API: bounded, closed shapes; a field nobody listed is refused."""

from typing import Annotated, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livechat.origins import MAX_LENGTH

MAX_BYTES = 64 * 1024
MAX_TEXT = 20_000
MAX_FILES = 50
MAX_FILE_NAME = 400
Shape = TypeVar("Shape", bound="Body")
ClientId = Annotated[str, Field(min_length=8, max_length=60, pattern=r"^[0-9A-Za-z_-]+$")]


class Body(BaseModel):
    """Base of every body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Start(Body):
    """Which site embeds the frame, as the browser told it, and the visitor's language."""

    origin: str = Field(max_length=MAX_LENGTH)
    language: str = Field(default="", max_length=16)


class Say(Body):
    """What is said, under the client's own id for it."""

    client_id: ClientId
    text: str = Field(max_length=MAX_TEXT)
    files: tuple[ClientId, ...] = Field(default=(), max_length=MAX_FILES)


class Announced(Body):
    """A file that is to be sent, under the client's own id for it."""

    client_id: ClientId
    name: str = Field(min_length=1, max_length=MAX_FILE_NAME)
    size: int = Field(ge=0, le=2**31 - 1)


class Saw(Body):
    """How far the widget has received and the visitor read, in the conversation it shows."""

    chat: str = Field(max_length=20)
    delivered: int = Field(ge=0, le=2**31 - 1)
    read: int = Field(ge=0, le=2**31 - 1)


class Which(Body):
    """Which message, by its public number in the conversation."""

    chat: str = Field(max_length=20)
    seq: int = Field(ge=1, le=2**31 - 1)


class Correct(Which):
    """What a message is to say."""

    text: str = Field(max_length=MAX_TEXT)


class Over(Body):
    """Which conversation the visitor ends."""

    chat: str = Field(max_length=20)


class TooLarge(Exception):
    """More than the API takes."""


class WrongType(Exception):
    """Not the kind of body that this door reads."""


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


def read_bytes(request: HttpRequest, *, at_most: int) -> bytes:
    """Return the request's body as it is. Raises WrongType for anything but octets, TooLarge."""
    if request.content_type != "application/octet-stream":
        raise WrongType
    body = request.read(at_most + 1)
    if len(body) > at_most:
        raise TooLarge
    return body
