"""Reads the mails that the demo's transport kept as files; knows nothing of pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings

# What the transport names its files; anything else in the folder is not ours, and no name leaves the folder.
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}-[a-z0-9]{1,64}\Z")
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One attached file of a mail."""

    number: int
    name: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Kept:
    """One mail of the postbox, newest headers as a person reads them."""

    id: str
    subject: str
    from_: str
    to: str
    cc: str
    date: datetime
    headers: tuple[tuple[str, str], ...]
    text: str
    parts: tuple[Part, ...]

    @property
    def is_notice(self) -> bool:
        """Whether the system itself wrote it to a member of staff: invitations and resets carry a link that acts."""
        return parseaddr(self.from_)[1].lower() == parseaddr(settings.SYSTEM_MAIL_FROM)[1].lower()


def newest(limit: int = SHOWN) -> list[Kept]:
    """Return the last `limit` mails, newest first."""
    names = sorted((path.stem for path in _folder().glob("*.eml") if _NAME.match(path.stem)), reverse=True)
    found = (read(name) for name in names[:limit])
    return [mail for mail in found if mail is not None]


def read(name: str) -> Kept | None:
    """Return one mail; None for a name that is not in the postbox."""
    if not _NAME.match(name):
        return None
    try:
        raw = (_folder() / f"{name}.eml").read_bytes()
    except OSError:
        return None
    mail = message_from_bytes(raw, policy=policy.default)
    return Kept(
        id=name,
        subject=_header(mail, "Subject"),
        from_=_header(mail, "From"),
        to=_header(mail, "To") or _header(mail, "X-Original-To"),
        cc=_header(mail, "Cc"),
        date=datetime.strptime(name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC),
        headers=tuple((key, str(value)) for key, value in mail.items()),
        text=_text(mail),
        parts=tuple(_parts(mail)),
    )


def _folder() -> Path:
    return Path(settings.POSTBOX_DIR)


def _header(mail: EmailMessage, name: str) -> str:
    return str(mail.get(name, ""))


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    return str(body.get_content()) if body is not None else ""


def _parts(mail: EmailMessage) -> Iterator[Part]:
    for number, part in enumerate(mail.iter_attachments()):
        content = part.get_payload(decode=True)
        name = part.get_filename() or f"part-{number + 1}"
        yield Part(number, name, part.get_content_type(), content if isinstance(content, bytes) else b"")
