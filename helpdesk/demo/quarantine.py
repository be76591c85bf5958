"""Mails that no parser should be trusted with: shown to staff as needing review, kept as raw bytes."""

from datetime import datetime, timedelta

from helpdesk.demo.world import DemoRawMail


def raw_mails(now: datetime) -> tuple[DemoRawMail, ...]:
    """Return a handful of mails that wait for a person, newest first."""
    return (
        _mail(
            _nested(),
            "billing@letters.test",
            "too_deep",
            "More than 100 parts inside each other.",
            now - timedelta(hours=2),
        ),
        _mail(
            _truncated(),
            "m.larkin@example.org",
            "unparsable",
            "The first part promises a boundary that never comes.",
            now - timedelta(hours=9),
        ),
        _mail(
            _headers_only(),
            "bounce@webmail.test",
            "no_sender",
            "The mail has no From header.",
            now - timedelta(days=1, hours=4),
        ),
        _mail(
            _unknown_charset(),
            "contact@fastpost.test",
            "unparsable",
            "The text names a character set that does not exist.",
            now - timedelta(days=3),
        ),
    )


def _mail(raw: bytes, sender: str, reason: str, explanation: str, at: datetime) -> DemoRawMail:
    return DemoRawMail("support", sender, raw, reason, explanation, at)


def _head(sender: str, subject: str, content_type: str) -> bytes:
    lines = (
        f"From: {sender}",
        "To: support@pharos.test",
        f"Subject: {subject}",
        "Date: Mon, 02 Feb 2026 08:15:00 +0000",
        f"Message-ID: <demo-{abs(hash_of(subject))}@{sender.partition('@')[2].rstrip('>')}>",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
        "",
        "",
    )
    return "\r\n".join(lines).encode("ascii")


def hash_of(text: str) -> int:
    """Return a small number that is the same in every process (unlike hash())."""
    return sum(place * ord(letter) for place, letter in enumerate(text, start=1))


def _nested() -> bytes:
    depth = 120
    opened = b"".join(
        b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (level, level + 1) for level in range(depth)
    )
    return (
        _head("billing@letters.test", "Statement of account", 'multipart/mixed; boundary="b0"')
        + opened
        + b"--b120\r\n\r\nsee attached\r\n"
    )


def _truncated() -> bytes:
    head = _head("m.larkin@example.org", "documents for my verification", 'multipart/mixed; boundary="cut"')
    return (
        head
        + b"--cut\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKJ\x00\xff\xfe"
    )


def _headers_only() -> bytes:
    return b"To: support@pharos.test\r\nSubject: \xff\xfe\x00\x00 undelivered\r\nX-Loop: yes\r\n\r\n"


def _unknown_charset() -> bytes:
    head = _head("contact@fastpost.test", "question about fees", 'text/plain; charset="x-mystery-8"')
    return head + bytes(range(128, 256)) * 4
