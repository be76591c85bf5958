"""Letters of customers and what they get back: raw mail in, files of the demo postbox out."""

import smtplib
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.support.letters import letter
from tests.support.system import RunningSystem, wait_for


def by_smtp(system: RunningSystem, raw: bytes, *, sender: str, to: str) -> None:
    """Hand one mail to the inbound listener, as our mail exchanger does."""
    with smtplib.SMTP("127.0.0.1", system.smtp_port, local_hostname="mx.pharos.test") as client:
        client.sendmail(sender, [to], raw)


def sent_to(system: RunningSystem, address: str, *, saying: str, patience_s: float = 30.0) -> EmailMessage:
    """Return the mail that left for `address` with `saying` in its text; waits for it."""

    def found() -> list[EmailMessage]:
        letters = [read(path) for path in sorted(system.postbox.glob("*.eml"))]
        return [mail for mail in letters if address in str(mail["To"]) and saying in part(mail, "plain")]

    return wait_for(found, f"a mail to {address}", patience_s)[0]


def read(path: Path) -> EmailMessage:
    """Parse one file of the postbox."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def part(mail: EmailMessage, kind: str) -> str:
    """Return the text of the plain or html part."""
    body = mail.get_body((kind,))
    return str(body.get_content()) if body is not None else ""


def answer_to(mail: EmailMessage, *, sender: str, text: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Return what a mail client sends when its owner answers `mail`."""
    references = f"{mail['References'] or ''} {mail['Message-ID']}".strip()
    return letter(
        sender=sender,
        to=str(mail["Reply-To"]),
        subject=str(mail["Subject"]),
        text=text,
        headers={"In-Reply-To": str(mail["Message-ID"]), "References": references, **(headers or {})},
    )
