"""The header lines that reviewers see: enough to recognise a sender, not enough to use the address."""

import pytest

from tests.support.letters import letter
from tickets.channels.email import content
from tickets.channels.email.parse import parse

NAMES = ("mina@example.com", "partner@example.org", "odd.one@example.net")


def raw(sender: str = "Mina Park <mina@example.com>") -> bytes:
    copied = '"odd.one"@example.net'
    return letter(sender=sender, to="support@pharos.test, partner@example.org", headers={"Cc": copied}, text="Hello")


def test_header_preview__addresses__are_masked_and_names_stay() -> None:
    shown = content.header_preview(parse(raw()).headers)
    assert "From: Mina Park <m***@e***.com>" in shown
    assert "To: s***@p***.test, p***@e***.org" in shown
    assert not any(name in shown for name in (*NAMES, "odd.one"))
    assert "Subject: My withdrawal is stuck" in shown


def test_raw_header_preview__mail_that_cannot_be_parsed__is_masked_too() -> None:
    shown = content.raw_header_preview(raw(sender="mina@example.com <other@evil.example>"))
    assert "m***@e***.com <o***@e***.example>" in shown
    assert not any(name in shown for name in (*NAMES, "other@evil"))


@pytest.mark.parametrize("written", ["=?utf-8?q?mina=40example.com?= <x@y.example>", "a@b@mina.example.com"])
def test_header_preview__address_in_disguise__is_masked(written: str) -> None:
    assert "example.com" not in content.raw_header_preview(raw(sender=written)).split("\n")[0]
