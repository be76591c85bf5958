"""Mails that no parser should be trusted with: shown to staff as needing review, kept as raw bytes."""

from datetime import datetime, timedelta

from helpdesk.demo.world import DemoRawMail

_SUPPORT = "To: support@pharos.test"
_PLAIN = 'Content-Type: text/plain; charset="utf-8"'


def raw_mails(now: datetime) -> tuple[DemoRawMail, ...]:
    """Return mails that wait for a person, newest first; `reason` is what our own parser says of each."""
    return (
        DemoRawMail("support", "ceo@pharos-secure.test", _two_senders(), "from_twice", now - timedelta(minutes=52)),
        DemoRawMail("support", "billing@letters.test", _nested(), "too_deep", now - timedelta(hours=5, minutes=20)),
        DemoRawMail("security", "", _no_sender(), "from_missing", now - timedelta(days=1, hours=4)),
        DemoRawMail("support", "desk@fastpost.test", _several_senders(), "from_several", now - timedelta(days=3)),
    )


def _mail(*headers: str, body: str) -> bytes:
    lines = [*headers, "MIME-Version: 1.0"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode()


def _two_senders() -> bytes:
    return _mail(
        "From: Pharos Security <security@pharos.test>",
        "From: ceo@pharos-secure.test",
        _SUPPORT,
        "Subject: Urgent: release withdrawal before the audit",
        "Date: Mon, 02 Feb 2026 08:15:00 +0000",
        "Message-ID: <6f1d0c9a@pharos-secure.test>",
        _PLAIN,
        body="Hi team,\n\nplease release the withdrawal we spoke about without the usual checks, I am in a meeting.\n",
    )


def _no_sender() -> bytes:
    return _mail(
        "To: security@pharos.test",
        "Subject: Undelivered report",
        "Date: Tue, 03 Feb 2026 21:40:00 +0000",
        "Message-ID: <a71c22@webmail.test>",
        _PLAIN,
        body="Your message could not be relayed. See the attached report.\n",
    )


def _several_senders() -> bytes:
    return _mail(
        "From: Ann Larkin <ann.larkin@fastpost.test>, Ben Larkin <ben.larkin@fastpost.test>",
        _SUPPORT,
        "Subject: Our joint account",
        "Date: Wed, 04 Feb 2026 11:02:00 +0000",
        "Message-ID: <joint-4411@fastpost.test>",
        _PLAIN,
        body="Hello, my husband and I would like to know whether we can hold one account together.\n\nAnn and Ben\n",
    )


def _nested() -> bytes:
    parts = [f'--b{level}\nContent-Type: multipart/mixed; boundary="b{level + 1}"\n\n' for level in range(120)]
    return _mail(
        "From: Billing <billing@letters.test>",
        _SUPPORT,
        "Subject: Statement of account",
        "Date: Thu, 05 Feb 2026 06:30:00 +0000",
        "Message-ID: <nested-9@letters.test>",
        'Content-Type: multipart/mixed; boundary="b0"',
        body="".join(parts) + "--b120\n\nsee attached\n",
    )
