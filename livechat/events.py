"""Events and frames of the visitors' socket: closed unions; what a ticket tells the customer's side, and our own."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from livechat.origins import MAX_LENGTH
from tickets.events import (
    Event,
    Ping,
    Pong,
    PublicMessageAdded,
    PublicMessageChanged,
    PublicStageChanged,
    SessionRevoked,
)

MAX_TEXT = 20_000
# The client's own id for what it sends, under which it may send it again.
ClientId = Annotated[str, Field(min_length=8, max_length=60, pattern=r"^[0-9A-Za-z_-]+$")]


class HelloAccepted(Event):
    """The token counts: hints come from now on."""

    type: Literal["hello.accepted"] = "hello.accepted"


class ChatChanged(Event):
    """The visitor's conversation was opened or ended, maybe in another tab."""

    type: Literal["chat.changed"] = "chat.changed"


class StaffSaw(Event):
    """Our side has received or read more."""

    type: Literal["staff.saw"] = "staff.saw"


class StaffTyped(Event):
    """Somebody of ours is writing an answer."""

    type: Literal["staff.typed"] = "staff.typed"


class QueueMoved(Event):
    """The visitor's place among those who wait has changed; 100 means that or more, 0 that they wait no more."""

    type: Literal["queue.moved"] = "queue.moved"
    position: int


ChatEvent = Annotated[
    PublicMessageAdded
    | PublicMessageChanged
    | PublicStageChanged
    | HelloAccepted
    | ChatChanged
    | StaffSaw
    | StaffTyped
    | QueueMoved
    | SessionRevoked
    | Pong,
    Field(discriminator="type"),
]
CHAT_EVENTS: TypeAdapter[ChatEvent] = TypeAdapter(ChatEvent)


class Hello(Event):
    """The first frame: who this is. Browsers put no token into a handshake, and one in the address would be logged."""

    type: Literal["hello"] = "hello"
    inbox: str = Field(max_length=40)
    origin: str = Field(max_length=MAX_LENGTH)
    token: str = Field(max_length=100)


class Typing(Event):
    """The visitor is writing; the words count where their inbox shows them."""

    type: Literal["typing"] = "typing"
    text: str = Field(default="", max_length=500)


class Read(Event):
    """Asks for what came after the public number `since` of `chat`; answered under the same `id`."""

    type: Literal["read"] = "read"
    id: int = Field(ge=0)
    chat: str = Field(max_length=40)
    since: int = Field(ge=0, le=999_999_999)


class Say(Event):
    """Plain words, under the client's own id for them; answered under the same `id`."""

    type: Literal["say"] = "say"
    id: int = Field(ge=0)
    client_id: ClientId
    text: str = Field(max_length=MAX_TEXT)


ChatFrame = Annotated[Hello | Typing | Ping | Read | Say, Field(discriminator="type")]
CHAT_FRAMES: TypeAdapter[ChatFrame] = TypeAdapter(ChatFrame)


class Answered(Event):
    """The answer to a Read or a Say: what the door would have answered, or 421 for what only the door answers.

    Sent to the socket that has asked and to no group: no ChatEvent.
    """

    type: Literal["answered"] = "answered"
    id: int
    status: int
    body: dict[str, Any] | None = None
