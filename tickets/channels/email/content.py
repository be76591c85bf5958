"""What of a parsed mail becomes a message: its words with invitations spelled out, its files within the limits."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.masking import masked_email
from tickets.channels.email.parse import Attachment, CalendarInvite, HeaderField, ParsedMail

NO_TEXT: Final = "—"
_PREVIEWED: Final = ("from", "to", "cc", "reply-to", "subject", "date", "auto-submitted", "list-id")
_PREVIEW_CHARS: Final = 2_000
# Whatever may be read as an address, the @ of encoded words (RFC 2047) too; a quoted local part may hold blanks.
_ANY_ADDRESS: Final = re.compile(r'(?:"[^"\n@]{1,200}"|[^\s<>,;:"()\[\]@]{1,320})(?:(?:@|=40)[^\s<>,;:"()@]{1,320})+')


@dataclass(frozen=True, slots=True)
class Files:
    """The files that are taken, and the names of those left out for number or size."""

    taken: tuple[Attachment, ...]
    left_out: tuple[str, ...]


def words(mail: ParsedMail) -> str:
    """Return the text; invitations follow in words. Never empty: a mail of nothing but a subject is a mail."""
    invitations = [_invitation(invite) for invite in mail.calendar]
    text = "\n\n".join(part for part in (mail.text.strip(), *invitations) if part)
    return text or NO_TEXT


def files_within(
    attachments: Sequence[Attachment],
    *,
    max_files: int,
    max_bytes: int,
    work: Callable[[Attachment], int] = lambda _attachment: 0,
    max_work: int = 0,
) -> Files:
    """Take files in order, inline images too, as long as number and each one's size allow.

    Beyond the first that takes any `work`, only as many are taken as take no more than `max_work` together.
    """
    taken: list[Attachment] = []
    left_out: list[str] = []
    worked = 0
    for attachment in attachments:
        if len(taken) >= max_files or len(attachment.content) > max_bytes:
            left_out.append(attachment.filename)
            continue
        more = work(attachment)
        if more and worked and worked + more > max_work:
            left_out.append(attachment.filename)
            continue
        worked += more
        taken.append(attachment)
    return Files(tuple(taken), tuple(left_out))


def names_in_words(names: Sequence[str], *, limit: int = 5) -> str:
    """Return file names in one short line."""
    shown = ", ".join(name[:60] for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} …"


def says_spam(headers: Sequence[HeaderField]) -> bool:
    """Whether the mail exchanger marked the mail as spam (SpamAssassin, rspamd, Exchange)."""
    for header in headers:
        value = header.value.strip().lower()
        if header.name in ("x-spam-flag", "x-spam") and value.startswith("yes"):
            return True
        if header.name in ("x-spam-status", "x-spam-result") and value.startswith(("yes", "spam")):
            return True
        if header.name == "x-ms-exchange-organization-scl" and value.isdigit() and int(value) >= 5:
            return True
    return False


def header_preview(headers: Sequence[HeaderField]) -> str:
    """Return the header lines that the review screen shows, addresses masked; the caller redacts them."""
    lines = [f"{header.name.title()}: {_readable(header)}" for header in headers if header.name in _PREVIEWED]
    return without_addresses("\n".join(lines))[:_PREVIEW_CHARS]


def raw_header_preview(raw: bytes) -> str:
    """The same for a mail that could not be parsed: whatever stands before the first blank line."""
    lines = raw[:65_536].replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
    shown = [line[:300] for line in lines if line.partition(":")[0].strip().lower() in _PREVIEWED]
    printable = "".join(character for character in "\n".join(shown) if character.isprintable() or character == "\n")
    return without_addresses(printable)[:_PREVIEW_CHARS]


def without_addresses(text: str) -> str:
    """Return `text` with every mail address masked: `Mina <m***@e***.com>`."""
    return _ANY_ADDRESS.sub(lambda found: masked_email(found[0].replace("=40", "@")), text)


def _readable(header: HeaderField) -> str:
    text = header.raw.decode("utf-8", "replace")
    return "".join(character for character in text if character.isprintable())[:300]


def _invitation(invite: CalendarInvite) -> str:
    when = " – ".join(moment for moment in (invite.start, invite.end) if moment)
    zone = f" ({invite.time_zone})" if invite.time_zone else ""
    lines = [f"[{invite.method or 'CALENDAR'}] {invite.summary}".rstrip(), f"{when}{zone}", invite.organizer]
    return "\n".join(line for line in lines if line.strip())
