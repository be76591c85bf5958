"""What a social channel turns its vendor's events into, and what it is given to send; no vendor's words are here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol, runtime_checkable

from tickets.models import SocialAccount

# Said of what does not go out: a file in public, and a message that comes too late for the vendor.
PRIVATE_FILE: Final = "Files are not sent where everybody can read."
WINDOW_OVER: Final = "The time in which this customer may be answered is over."
STOPPED: Final = "This customer has asked to get no more messages."
NO_FILES: Final = "An SMS carries no files."

# Commands by which somebody says whether they may be written to.
OPTS_OUT, OPTS_IN, ASKS_FOR_HELP = "opt_out", "opt_in", "help_by_sms"


class Unreadable(Exception):
    """An event that cannot be read, now or ever; the sentence is shown to staff."""


class VendorAway(Exception):
    """The vendor gave no answer that says yes or no. Ask again; the sentence names no secret."""


class VendorRefused(Exception):
    """The vendor said no, in the sentence."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What shows a vendor, who asks by GET, that the webhook's address is ours."""

    answer: str
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the door has to know: the vendor's own id of the event, and to which conversation it belongs."""

    event_id: str
    stream: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Who writes, as they call themselves: proof of nothing. `language` is a code of theirs, or empty."""

    external_id: str
    name: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that is still at the vendor's. `size` in bytes, 0 when it does not say."""

    external_id: str
    name: str
    size: int = 0


Act = Literal["message", "correction", "deletion", "command"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that somebody did in a conversation. `command` is its name without the slash."""

    act: Act
    chat_id: str
    item_id: str
    writer: Profile
    text: str = ""
    command: str = ""
    files: tuple[RemoteFile, ...] = ()
    album: str = ""
    # Everybody can read it, and what is answered there.
    is_public: bool = False
    # When it was said, by the vendor's clock; None: when we heard of it.
    said_at: datetime | None = None
    # Which account of ours it was said to, by the vendor's number, where an event names it.
    said_to: str = ""
    # What it answers in public: it belongs to the conversation of that, if the same person has it.
    answers: str = ""
    # What its writer calls it; empty: its first words.
    subject: str = ""
    # Where it was said, the nearest first: each may have a team.
    places: tuple[str, ...] = ()
    # Which event told us of what is taken back, where a vendor says neither whose it was nor in which conversation.
    told_by: str = ""
    # The vendor has answered the command by itself.
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a vendor says became of messages of ours: those named by its ids, or all until a moment of its clock."""

    chat_id: str
    state: Literal["delivered", "read", "failed"]
    at: datetime
    item_ids: tuple[str, ...] = ()
    until: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AccountTrouble:
    """The vendor says that an account of ours cannot be used any more: in a sentence, and as a code."""

    sentence: str
    reason: str
    said_to: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A member of a server as others see them there: what they are called, and the roles they have."""

    server_id: str
    member_id: str
    names: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """An event that is none of ours, and why, as a code."""

    reason: str


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """One file on its way out."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A text that the vendor has approved, with what stands in the places of its variables."""

    name: str
    language: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a vendor's request wants answered at once: a sign of life, or a command in a language of theirs."""

    is_ping: bool
    command: str = ""
    language: str = ""


Fate = Literal["sent", "retry", "failed"]


@dataclass(frozen=True, slots=True)
class Sent:
    """How sending one part went. `retry_after_s` is the vendor's own wish, for the whole account."""

    fate: Fate
    detail: str = ""
    external_id: str = ""
    retry_after_s: float | None = None
    # The part was handed over, and nobody said whether it has arrived.
    is_unanswered: bool = False
    # Nothing of this account can be sent: its token or the way to the vendor is broken.
    is_channel_down: bool = False


class HandOver(Protocol):
    """Called before the first byte of a part leaves; False means that another worker has taken over."""

    def __call__(self) -> bool:
        """Count the sending."""


@runtime_checkable
class NamesPart(Protocol):
    """What `hand_over` is beside, when it knows the part: a vendor who is told its name does not take it twice."""

    @property
    def part(self) -> str:
        """The same at each try of one part, and of no other; at most 25 characters."""


class Channel(Protocol):
    """What a channel's folder offers, as a module named in `tickets.channels.social.registry`."""

    def is_genuine(self, account: SocialAccount, headers: Mapping[str, str], raw: bytes) -> bool:
        """Whether the vendor's signature over the raw bytes, or its secret, is right; compared in constant time."""

    def challenge(self, account: SocialAccount, asked: Mapping[str, str]) -> Challenge | None:
        """Answer a vendor who asks whether the address is ours; None when it is not asked as that vendor would."""

    def split(self, raw: bytes) -> list[bytes]:
        """Return the events of one request, each in bytes that `envelope` and `parse` read; never raises."""

    def envelope(self, raw: bytes) -> Envelope:
        """Return what the door has to know; never raises, whatever the bytes are."""

    def parse(self, raw: bytes) -> Incoming | Receipt | AccountTrouble | Sighting | Nothing:
        """Read an event. Raises Unreadable."""

    def fetch(self, account: SocialAccount, file: RemoteFile, *, limit: int) -> bytes:
        """Return the content of at most `limit` bytes. Raises VendorAway, VendorRefused."""

    def parts(self, text: str) -> list[str]:
        """Cut a text into the pieces that the vendor takes."""

    def send_text(self, account: SocialAccount, chat_id: str, text: str, *, hand_over: HandOver) -> Sent:
        """Send one piece; never raises for what the vendor or the network does."""

    def send_file(self, account: SocialAccount, chat_id: str, file: OutgoingFile, *, hand_over: HandOver) -> Sent:
        """Send one file; never raises for what the vendor or the network does."""

    def who_are_we(self, account: SocialAccount) -> str:
        """Return how the vendor calls the account. Raises VendorAway, VendorRefused."""

    def set_webhook(self, account: SocialAccount, url: str) -> None:
        """Have events sent to `url`. Raises VendorAway, VendorRefused."""

    def delete_webhook(self, account: SocialAccount) -> None:
        """Have events kept for polling. Raises VendorAway, VendorRefused."""

    def poll(self, account: SocialAccount) -> tuple[list[bytes], int]:
        """Return what has happened since the offset, and the next one. Raises VendorAway, VendorRefused."""


class TemplateChannel(Protocol):
    """What a channel offers beside, whose vendor takes approved texts when the time for free answers is over."""

    def send_template(
        self, account: SocialAccount, chat_id: str, template: FilledTemplate, *, hand_over: HandOver
    ) -> Sent:
        """Send one; never raises for what the vendor or the network does."""


@runtime_checkable
class Threaded(Protocol):
    """What a channel offers beside whose answers in public stand below a post, and have a length of their own."""

    def public_parts(self, text: str) -> list[str]:
        """Cut a public text into the pieces that the vendor takes."""

    def send_below(self, account: SocialAccount, below: str, text: str, *, hand_over: HandOver) -> Sent:
        """Send one piece below a post, by its id; never raises for what the vendor or the network does."""


@runtime_checkable
class Addressed(Protocol):
    """What a channel offers beside, where it takes knowing our account to tell whether something is said to us."""

    def parse_for(self, account: SocialAccount, raw: bytes) -> Incoming | Nothing:
        """Read an event; instead of `parse`. Raises Unreadable."""


@runtime_checkable
class ShowsMembers(Protocol):
    """What a channel offers beside, whose events show who is in a group, but not whether they are ours."""

    def seen_in(self, account: SocialAccount, raw: bytes) -> tuple[Sighting, ...]:
        """Return whom an event shows; never raises."""

    def is_one_of_us(self, account: SocialAccount, seen: Sighting) -> bool:
        """Ask whether a member is one of ours. Raises VendorAway, VendorRefused."""


@runtime_checkable
class Shared(Protocol):
    """What a channel offers beside, whose vendor tells one webhook of all accounts of an application."""

    def told_of(self, raw: bytes) -> str:
        """Return which account an event is about, by the vendor's number; empty when it names none. Never raises."""


@runtime_checkable
class NamesPeople(Protocol):
    """What a channel offers beside, whose events do not say what their writers are called."""

    def name_of(self, account: SocialAccount, person: str) -> str:
        """Return what somebody calls themselves there. Raises VendorAway, VendorRefused."""


@runtime_checkable
class Interactive(Protocol):
    """What a channel offers beside, whose vendor waits for words in the answer to its request."""

    def asked(self, raw: bytes) -> Asked:
        """Return what is wanted; never raises."""

    def pong(self) -> bytes:
        """Return the answer to a sign of life."""

    def told(self, text: str) -> bytes:
        """Return the answer that says `text` to whoever asked, and to nobody else."""
