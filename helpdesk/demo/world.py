"""The shape of the demo's content: frozen values that know nothing of the database."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DemoTeam:
    """One team; only members see the tickets of a restricted one."""

    key: str
    name: str
    is_restricted: bool = False


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """One fictional member of staff; `role` is a value of accounts.permissions.Role."""

    key: str
    email: str
    name: str
    role: str
    teams: tuple[str, ...]
    locale: str = "en"
    time_zone: str = "UTC"

    @property
    def first_name(self) -> str:
        """What customers read under a reply."""
        return self.name.split()[0]


@dataclass(frozen=True, slots=True)
class DemoTopic:
    """One contact reason; `parent` is empty for a heading."""

    key: str
    parent: str
    name: str


@dataclass(frozen=True, slots=True)
class DemoMailbox:
    """One support address."""

    key: str
    address: str
    name: str
    team: str
    language: str
    signature: str


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """One fictional customer at one address; `proof` is empty for an address that is merely claimed."""

    key: str
    name: str
    kind: str
    address: str
    proof: str
    language: str
    time_zone: str
    country: str
    since: datetime

    @property
    def is_proven(self) -> bool:
        """Whether anything but a claim ties the address to the person."""
        return bool(self.proof)


@dataclass(frozen=True, slots=True)
class DemoFile:
    """One attachment; `content_id` is set for an image that the HTML shows."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class DemoDelivery:
    """The end state of one outgoing mail: sent, bounced or failed, and the server's words."""

    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """One reply, note or event. `staff` names a DemoStaff; without one an outgoing message is the system's.

    `role` is a value of tickets.models.Message.SenderRole. `text` and `html` are as the sender wrote
    them: with `has_secret` they hold one, which must be masked before anything is stored.
    """

    kind: str
    direction: str
    role: str
    at: datetime
    channel: str
    text: str = ""
    html: str = ""
    quoted_text: str = ""
    staff: str = ""
    sender_name: str = ""
    sender_address: str = ""
    proof: str = ""
    is_automatic: bool = False
    has_secret: bool = False
    files: tuple[DemoFile, ...] = ()
    delivery: DemoDelivery | None = None
    event: str = ""
    event_data: tuple[tuple[str, str], ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether the customer may see it: replies, but never those of third parties."""
        return self.kind == "reply" and self.role != "third_party"


@dataclass(frozen=True, slots=True)
class DemoParticipant:
    """One more address on a case."""

    address: str
    name: str
    role: str
    is_proven: bool


@dataclass(frozen=True, slots=True)
class DemoTicket:
    """One case with everything that happened on it, oldest first."""

    scenario: str
    subject: str
    status: str
    priority: str
    channel: str
    language: str
    topic: str
    requester: str
    mailbox: str
    team: str
    assignee: str
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    is_spam: bool
    messages: tuple[DemoMessage, ...]
    participants: tuple[DemoParticipant, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoRawMail:
    """One mail that cannot be read, as its raw bytes; `reason` is a code of the mail parser."""

    mailbox: str
    envelope_from: str
    raw: bytes = field(repr=False)
    reason: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Everything the demo shows. Tickets are in order of their creation."""

    teams: tuple[DemoTeam, ...]
    staff: tuple[DemoStaff, ...]
    topics: tuple[DemoTopic, ...]
    tags: tuple[str, ...]
    mailboxes: tuple[DemoMailbox, ...]
    customers: tuple[DemoCustomer, ...]
    tickets: tuple[DemoTicket, ...]
    quarantined: tuple[DemoRawMail, ...]
