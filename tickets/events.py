"""Realtime events: a closed union, ids only. Clients re-read what they name through authorised endpoints."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Event(BaseModel):
    """Base of every event; undeclared fields are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MessageAdded(Event):
    """A message joined a ticket's timeline."""

    type: Literal["message.added"] = "message.added"
    ticket: str
    seq: int
    public_seq: int | None


class MessageChanged(Event):
    """A message was withdrawn, or its delivery state moved."""

    type: Literal["message.changed"] = "message.changed"
    ticket: str
    seq: int


class TicketChanged(Event):
    """Fields of a ticket changed; `version` is the one after."""

    type: Literal["ticket.changed"] = "ticket.changed"
    ticket: str
    version: int
    fields: tuple[str, ...]


class RowsChanged(Event):
    """Of lists: the rows of these tickets may say something else, be new or be gone; with `counts`, so may counts."""

    type: Literal["rows.changed"] = "rows.changed"
    tickets: tuple[str, ...]
    counts: bool


class CustomerTyped(Event):
    """The customer is writing, in a chat."""

    type: Literal["customer.typed"] = "customer.typed"
    ticket: str


class CustomerSaw(Event):
    """The customer's side has received or read more of a chat."""

    type: Literal["customer.saw"] = "customer.saw"
    ticket: str


class ChatOffered(Event):
    """A chat rings at this person's desk."""

    type: Literal["chat.offered"] = "chat.offered"
    offer: str


class ChatOfferEnded(Event):
    """A ring of this person's is over: accepted, declined, missed or withdrawn."""

    type: Literal["chat.offer_ended"] = "chat.offer_ended"
    offer: str


class ConsoleChanged(Event):
    """This person's presence or the list of their chats may have changed."""

    type: Literal["console.changed"] = "console.changed"


class SessionRevoked(Event):
    """This sign-in ended; the socket closes behind it."""

    type: Literal["session.revoked"] = "session.revoked"


class SubscriptionRefused(Event):
    """A ticket that was asked for is not there, or not for this person."""

    type: Literal["subscription.refused"] = "subscription.refused"
    ticket: str


class Pong(Event):
    """We are here."""

    type: Literal["pong"] = "pong"


DeskEvent = Annotated[
    MessageAdded
    | MessageChanged
    | TicketChanged
    | RowsChanged
    | CustomerTyped
    | CustomerSaw
    | ChatOffered
    | ChatOfferEnded
    | ConsoleChanged
    | SessionRevoked
    | SubscriptionRefused
    | Pong,
    Field(discriminator="type"),
]
DESK_EVENTS: TypeAdapter[DeskEvent] = TypeAdapter(DeskEvent)


class RowMoved(Event):
    """What a queue's group is told, and no socket: each process gathers these into `RowsChanged`."""

    queue: str
    # Empty when counts alone have moved.
    ticket: str = ""
    counts: bool


class PublicMessageAdded(Event):
    """A message that the customer may see joined their ticket; public numbers only, which notes leave no hole in."""

    type: Literal["message.added"] = "message.added"
    public_seq: int


class PublicMessageChanged(Event):
    """A message that the customer has seen was withdrawn."""

    type: Literal["message.changed"] = "message.changed"
    public_seq: int


class PublicStageChanged(Event):
    """Where the ticket stands, in the customer's words, changed."""

    type: Literal["stage.changed"] = "stage.changed"


# All that a ticket ever tells the customer's side. Nothing of the desk's is among it.
PublicEvent = PublicMessageAdded | PublicMessageChanged | PublicStageChanged


class Subscribe(Event):
    """A client's wish to hear of a ticket (with what it has seen) or of a view."""

    type: Literal["subscribe"] = "subscribe"
    ticket: str | None = Field(default=None, max_length=20)
    since: int = Field(default=0, ge=0)
    view: str | None = Field(default=None, max_length=80)


class Unsubscribe(Event):
    """A client no longer looks at a ticket or a view."""

    type: Literal["unsubscribe"] = "unsubscribe"
    ticket: str | None = Field(default=None, max_length=20)
    view: str | None = Field(default=None, max_length=80)


class Ping(Event):
    """A client asks whether we are there."""

    type: Literal["ping"] = "ping"


DeskFrame = Annotated[Subscribe | Unsubscribe | Ping, Field(discriminator="type")]
DESK_FRAMES: TypeAdapter[DeskFrame] = TypeAdapter(DeskFrame)
