"""Reading mail: bytes in, ParsedMail or Unparsable out. No database, no network, no Django."""

from tickets.channels.email.parse.authentication import SenderProof, sender_proof
from tickets.channels.email.parse.limits import Unparsable
from tickets.channels.email.parse.reader import parse
from tickets.channels.email.parse.records import (
    Address,
    Attachment,
    CalendarInvite,
    DsnReport,
    ForwardedMessage,
    HeaderField,
    MailKind,
    ParsedMail,
)

__all__ = [
    "Address",
    "Attachment",
    "CalendarInvite",
    "DsnReport",
    "ForwardedMessage",
    "HeaderField",
    "MailKind",
    "ParsedMail",
    "SenderProof",
    "Unparsable",
    "parse",
    "sender_proof",
]
