"""An outgoing mail written as bytes: the same input gives the same bytes, so a retry sends the same mail.

Header fields are folded here and not by the standard library, which turns long message identifiers into encoded words.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Literal

from tickets.channels.email import markup
from tickets.channels.email.parse import addresses
from tickets.channels.email.parse.identifiers import IDENTIFIER

MAX_REFERENCES: Final = 20
_FOLD_AT: Final = 76
_BAD_CHARACTER: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ATTACHMENT_NAME_BAD: Final = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"\\/]')
_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,253}")
_CONTENT_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
_REPLY_PREFIX: Final = re.compile(
    r"\s*(?:re|aw|antw|sv|vs|odp|ynt|回复|回覆|答复|答覆|回信|返信)\s*(?:[\[(]\d{1,3}[\])])?\s*[:\uff1a]\s*",
    re.IGNORECASE,
)
_MAX_SUBJECT_CHARS: Final = 500
_BINARY: Final = "application/octet-stream"
_PLAIN_PHRASE: Final = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]{1,60}")


@dataclass(frozen=True, slots=True)
class Party:
    """A mailbox in an address header."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send along."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class QuotedHistory:
    """Earlier words to repeat under the answer; only for recipients who are already proven parties of the ticket."""

    attribution: str
    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything a mail is made of; ``date`` is aware, ``automatic`` the RFC 3834 keyword when no person wrote it."""

    sender: Party
    to: Sequence[Party]
    subject: str
    text: str
    message_id: str
    date: datetime
    reply_to: str | None = None
    cc: Sequence[Party] = ()
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    is_reply: bool = False
    signature: str = ""
    history: QuotedHistory | None = None
    files: Sequence[OutgoingFile] = ()
    language: str = "en"
    automatic: Literal["auto-generated", "auto-replied"] | None = None
    # Where one press ends mail of this kind (RFC 8058).
    unsubscribe: str = ""


def compose(outgoing: Outgoing) -> bytes:
    """The whole mail with CRLF line ends, 7-bit clean, no line over 998 characters (RFC 5322 section 2.1.1).

    Raises ValueError for anything that would not stay inside its own header field (CR, LF and other control
    characters), for an address that is not plain ASCII, and for a mail without recipient.
    """
    header = b"".join(_field(name, value) for name, value in _fields(outgoing))
    body = _body(outgoing).as_bytes(policy=SMTP.clone(cte_type="7bit", mangle_from_=False))
    return header + body


def reply_subject(subject: str) -> str:
    """``Re: …`` exactly once, whatever pile of prefixes in whatever language was there."""
    rest = subject.strip()
    while match := _REPLY_PREFIX.match(rest):
        rest = rest[match.end() :]
    return f"Re: {rest}".rstrip()


def _fields(outgoing: Outgoing) -> list[tuple[str, str]]:
    """The header fields, values already folded with CRLF."""
    if not outgoing.to:
        raise ValueError("a mail needs a recipient")
    if outgoing.date.tzinfo is None:
        raise ValueError("the date needs a time zone")
    if not _LANGUAGE.fullmatch(outgoing.language):
        raise ValueError(f"not a language tag: {outgoing.language!r}")
    subject = _one_line(reply_subject(outgoing.subject) if outgoing.is_reply else outgoing.subject.strip(), "subject")
    result = [
        ("Date", format_datetime(outgoing.date)),
        ("From", _party(outgoing.sender)),
        ("To", _parties(outgoing.to)),
    ]
    if outgoing.cc:
        result.append(("Cc", _parties(outgoing.cc)))
    if outgoing.reply_to:
        result.append(("Reply-To", _address(outgoing.reply_to)))
    result += [
        ("Subject", _encoded(subject[:_MAX_SUBJECT_CHARS], "Subject")),
        ("Message-ID", _identifier(outgoing.message_id)),
    ]
    parent = _known_as(outgoing.in_reply_to)
    if parent:
        result.append(("In-Reply-To", parent))
    references = _references(outgoing)
    if references:
        result.append(("References", "\r\n ".join(references)))
    if outgoing.automatic:
        result += [("Auto-Submitted", outgoing.automatic), ("X-Auto-Response-Suppress", "All")]
        # Machines that copy it into their answer, and mail sent round in a circle, are known by it when they come in.
        result.append(("X-Loop", _address(outgoing.sender.address)))
    if outgoing.unsubscribe:
        result.append(("List-Unsubscribe", f"<{_one_line(outgoing.unsubscribe, 'address that ends it')}>"))
        result.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    result += [("Content-Language", outgoing.language), ("MIME-Version", "1.0")]
    return result


def _references(outgoing: Outgoing) -> list[str]:
    """At most MAX_REFERENCES: the first (the thread's root) and the newest (RFC 5322 section 3.6.4).

    What is no identifier came from outside and is left out: it must not keep the answer from leaving.
    """
    chain = list(dict.fromkeys(reference for reference in outgoing.references if _known_as(reference)))
    parent = _known_as(outgoing.in_reply_to)
    if parent:
        chain = [reference for reference in chain if reference != parent] + [parent]
    return chain if len(chain) <= MAX_REFERENCES else [chain[0], *chain[1 - MAX_REFERENCES :]]


def _body(outgoing: Outgoing) -> EmailMessage:
    history = (outgoing.history.attribution, outgoing.history.text) if outgoing.history else None
    plain = markup.plain_letter(outgoing.text, outgoing.signature, history)
    letter = EmailMessage(policy=SMTP)
    letter.set_content(plain, cte=_text_encoding(plain))
    html = markup.html_letter(outgoing.text, outgoing.signature, history, language=outgoing.language)
    letter.add_alternative(html, subtype="html", cte=_text_encoding(html))
    for file in outgoing.files:
        main, _, sub = _content_type(file.content_type).partition("/")
        name = _file_name(file.filename)
        letter.add_attachment(file.content, maintype=main, subtype=sub, cte="base64", filename=name)
    # The library would draw boundaries at random; these are bound to the message and to each part's content.
    for number, part in enumerate(each for each in letter.walk() if each.is_multipart()):
        digest = hashlib.sha256(f"{number}\n{outgoing.message_id}\n{plain}".encode()).hexdigest()
        part.set_boundary(f"=_{digest[:40]}")
    del letter["MIME-Version"]
    return letter


def _text_encoding(text: str) -> str:
    """Quoted-printable stays readable in Latin scripts; base64 is shorter for the others."""
    foreign = sum(not character.isascii() for character in text)
    return "base64" if foreign * 4 > len(text) else "quoted-printable"


def _content_type(claimed: str) -> str:
    """A type that a leaf part may have: containers and messages travel as plain bytes."""
    kind = claimed.strip().lower()
    if not _CONTENT_TYPE.fullmatch(kind):
        raise ValueError(f"not a content type: {claimed!r}")
    return _BINARY if kind.startswith(("multipart/", "message/")) else kind


def _file_name(name: str) -> str:
    if not name.strip() or _ATTACHMENT_NAME_BAD.search(name):
        raise ValueError("a file name must be one line without quotes and slashes")
    return name[:200]


def _field(name: str, folded: str) -> bytes:
    """One header field. Raises ValueError when a value could end its line: the last gate for every field."""
    if re.search(r"\r\n(?! \S)|(?<!\r)\n|\r(?!\n)", folded) or not folded.isascii():
        raise ValueError(f"the {name} header would not stay one header")
    line = f"{name}: {folded}\r\n"
    if any(len(part) > 998 for part in line.split("\r\n")):
        raise ValueError(f"the {name} header has a line over 998 characters")
    return line.encode("ascii")


def _one_line(text: str, what: str) -> str:
    if _BAD_CHARACTER.search(text):
        raise ValueError(f"the {what} holds a line break or another control character")
    return text


def _encoded(text: str, name: str) -> str:
    """``text`` folded, as encoded words (RFC 2047) when it is not plain ASCII or could be taken for one."""
    if text.isascii() and "=?" not in text:
        return _folded(text, len(name) + 2)
    return Header(text, "utf-8", maxlinelen=_FOLD_AT, header_name=name).encode(linesep="\r\n")


def _folded(text: str, used: int) -> str:
    """Plain words folded at blanks; a single word longer than a line stays whole."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        if current and used + len(current) + 1 + len(word) > _FOLD_AT:
            lines.append(current)
            current, used = word, 1
        else:
            current = f"{current} {word}".lstrip()
    return "\r\n ".join([*lines, current])


def _party(party: Party) -> str:
    address = _address(party.address)
    name = " ".join(_one_line(party.name, "display name").split())[:120]
    if not name:
        return address
    if _PLAIN_PHRASE.fullmatch(name) and "=?" not in name:
        return f"{name} <{address}>"
    if name.isascii() and "=?" not in name and len(name) <= 60:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address}>'
    words = Header(name, "utf-8", maxlinelen=_FOLD_AT, header_name="Resent-From").encode(linesep="\r\n")
    return f"{words}\r\n <{address}>"


def _parties(parties: Sequence[Party]) -> str:
    return ",\r\n ".join(_party(party) for party in parties)


def _address(address: str) -> str:
    """The address in its wire form (IDNA domain). Raises ValueError for what SMTP without SMTPUTF8 cannot carry."""
    _one_line(address, "address")
    normal = addresses.normalised(address)
    if normal is None or not normal.isascii() or not _ADDRESS.fullmatch(normal):
        raise ValueError("not an address that can be sent to")
    return normal


def _identifier(value: str) -> str:
    if not IDENTIFIER.fullmatch(value):
        raise ValueError("not a message identifier")
    return value


def _known_as(value: str | None) -> str:
    """Another mail's identifier, or nothing when it is none."""
    return value if value and IDENTIFIER.fullmatch(value) else ""
