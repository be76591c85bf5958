"""What reading a mail yields: plain frozen records, no behaviour beyond small derived values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MailKind = Literal["normal", "auto_reply", "bulk", "bounce", "delivery_delay", "read_receipt", "challenge"]


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One header field as it stood in the mail: name in lower case, value unfolded, bytes kept as latin-1."""

    name: str
    value: str

    @property
    def raw(self) -> bytes:
        """The value's bytes as received, without line breaks."""
        return self.value.encode("latin-1")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. ``address`` has a lower-case IDNA (ASCII) domain and an NFC local part; ``name`` is one safe line.

    The name is the sender's claim and must never be shown without the address.
    """

    name: str
    address: str
    raw: str

    @property
    def key(self) -> str:
        """The form to compare and to look up by: wholly lower-case."""
        return self.address.lower()

    @property
    def domain(self) -> str:
        """The part after the last @, or '' for a bare MAILER-DAEMON."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file that came along. ``filename`` and ``declared_type`` are the sender's claims, made safe to print.

    Neither may choose a storage name or a way of serving it.
    """

    filename: str
    declared_type: str
    content: bytes
    content_id: str | None
    is_inline: bool


@dataclass(frozen=True, slots=True)
class CalendarInvite:
    """The gist of a text/calendar part (RFC 5545). Times are ISO 8601 text, a zone is named apart."""

    method: str
    summary: str
    start: str
    end: str
    time_zone: str
    organizer: str


@dataclass(frozen=True, slots=True)
class ForwardedMessage:
    """Summary of an attached message/rfc822; the message itself is the attachment called ``filename``."""

    filename: str
    message_id: str | None
    sender: str
    subject: str
    date: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class DsnReport:
    """A delivery status notification (RFC 3464) or what could be read from a provider's free text."""

    action: Literal["failed", "delayed", "delivered", "relayed", "expanded"]
    status_codes: tuple[str, ...]
    diagnostic: str
    final_recipient: str | None
    final_recipients: tuple[str, ...]
    original_message_id: str | None
    is_structured: bool

    @property
    def is_permanent(self) -> bool:
        """Whether the address should be marked: failed, and no status code says it is only temporary (4.x.x)."""
        return self.action == "failed" and not any(code.startswith("4") for code in self.status_codes)


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as the desk understands it. All strings are valid UTF-8 without NUL; ``html`` is *not* sanitised."""

    headers: tuple[HeaderField, ...]
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    recipients: tuple[Address, ...]
    return_path: str | None
    subject: str
    date: datetime | None
    text: str
    quoted_text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    calendar: tuple[CalendarInvite, ...]
    forwarded: tuple[ForwardedMessage, ...]
    kind: MailKind
    may_be_answered_automatically: bool
    bounce: DsnReport | None
    warnings: tuple[str, ...]
