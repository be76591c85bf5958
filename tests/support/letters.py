"""Raw mails for tests: as a mail exchanger would hand them over, with or without its word for the sender."""

import itertools
from collections.abc import Mapping

PROVEN = "mx.pharos.test; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
_numbers = itertools.count(1)


def letter(
    *,
    sender: str = "Mina Park <mina@example.com>",
    to: str = "support@pharos.test",
    subject: str = "My withdrawal is stuck",
    text: str = "Hello, my withdrawal of yesterday has not arrived. Can you have a look, please?",
    proven: bool = True,
    headers: Mapping[str, str] | None = None,
    message_id: str | None = None,
    content_type: str = "text/plain; charset=utf-8",
) -> bytes:
    """Return a mail with CRLF line ends; `proven` puts our exchanger's Authentication-Results on top."""
    domain = sender.rpartition("@")[2].rstrip("> ")
    number = next(_numbers)
    lines = [f"Authentication-Results: {PROVEN.format(domain=domain)}"] if proven else []
    lines += [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Message-ID: {message_id or f'<letter-{number}@{domain}>'}",
        "Date: Mon, 23 Nov 2026 10:00:00 +0000",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
        "Content-Transfer-Encoding: 8bit",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
        "",
        *text.split("\n"),
        "",
    ]
    return "\r\n".join(lines).encode()


def bounce(*, to: str, recipient: str, original_message_id: str, status: str = "5.1.1") -> bytes:
    """Return a delivery status notification (RFC 3464)."""
    parts = [
        "From: Mail Delivery Subsystem <mailer-daemon@mx.example.com>",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        f"Message-ID: <bounce-{next(_numbers)}@mx.example.com>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
        "",
        "--b1",
        "Content-Type: text/plain",
        "",
        "The mail could not be delivered.",
        "--b1",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.com",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        "Action: failed",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; 550 {status} No such user",
        "",
        "--b1",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {original_message_id}",
        "--b1--",
        "",
    ]
    return "\r\n".join(parts).encode()
