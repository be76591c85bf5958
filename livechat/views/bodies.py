"""Bodies of the visitors' API: bounded, closed shapes; a field nobody listed is refused."""

from typing import Annotated, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livechat.events import MAX_TEXT, ClientId
from livechat.origins import MAX_LENGTH
from livechat.services.prechat import Answers
from tickets.models.guided import MOST_QUESTIONS

MAX_BYTES = 64 * 1024
MAX_FILES = 50
MAX_FILE_NAME = 400
Shape = TypeVar("Shape", bound="Body")


class Body(BaseModel):
    """Base of every body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Start(Body):
    """Which site embeds the frame, as the browser told it, and the visitor's language."""

    origin: str = Field(max_length=MAX_LENGTH)
    language: str = Field(default="", max_length=16)


class Identify(Start):
    """The exchange's signed word on who sits there, and the frame's secret that the word is bound to."""

    token: str = Field(max_length=8_000)
    secret: str = Field(min_length=43, max_length=128, pattern=r"^[0-9A-Za-z_-]+$")


class Nothing(Body):
    """No fields at all."""


class OnAction(Body):
    """Which fund-related action is spoken of."""

    action: str = Field(max_length=20, pattern=r"^[0-9a-z]+$")


class ByPasskey(OnAction):
    """A passkey's answer, and the check that it answers."""

    check: str = Field(max_length=20, pattern=r"^[0-9a-z]+$")
    response: str = Field(max_length=32_768)


class ByCode(OnAction):
    """A code of the customer's authenticator."""

    code: str = Field(max_length=20)


class Form(Body):
    """A form that was filled in before the chat: answers by the public ids of its questions."""

    topic: str = Field(max_length=80)
    answers: dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(max_length=500)]] = Field(
        default_factory=dict, max_length=MOST_QUESTIONS
    )


class Asked(Form):
    """The same, with what is about to be asked."""

    text: str = Field(default="", max_length=MAX_TEXT)


class Say(Body):
    """What is said, under the client's own id for it."""

    client_id: ClientId
    text: str = Field(max_length=MAX_TEXT)
    files: tuple[ClientId, ...] = Field(default=(), max_length=MAX_FILES)
    form: Form | None = None


class Announced(Body):
    """A file that is to be sent, under the client's own id for it."""

    client_id: ClientId
    name: str = Field(min_length=1, max_length=MAX_FILE_NAME)
    size: int = Field(ge=0, le=2**31 - 1)


class Left(Body):
    """A question left while nobody is there, and where the answer is to go: a claim, believed by nobody."""

    client_id: ClientId
    text: str = Field(max_length=MAX_TEXT)
    address: str = Field(max_length=254)


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
    """Which conversation of theirs the visitor speaks of."""

    chat: str = Field(max_length=20)


class OnSurvey(Over):
    """Which survey about it is spoken of."""

    survey: str = Field(max_length=20)


class Rate(OnSurvey):
    """How well the visitor was helped, from 1 to 5, and words if they like."""

    rating: int = Field(ge=1, le=5)
    comment: str = Field(default="", max_length=MAX_TEXT)


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


def answers_of(form: Form | None) -> Answers | None:
    """Return a form as the service reads it."""
    return Answers(form.topic, form.answers) if form is not None else None
