"""Events and frames of the visitors' socket: closed unions; what a ticket tells the customer's side, and our own."""

from typing import Annotated, Literal

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
    """The visitor's place among those who wait may have changed."""

    type: Literal["queue.moved"] = "queue.moved"


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


ChatFrame = Annotated[Hello | Typing | Ping, Field(discriminator="type")]
CHAT_FRAMES: TypeAdapter[ChatFrame] = TypeAdapter(ChatFrame)
