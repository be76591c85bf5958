"""What counts as a Message-ID is one rule, for mail that comes in and for mail that goes out."""

from datetime import UTC, datetime

import pytest

from tests.support.letters import letter
from tickets.channels.email import compose
from tickets.channels.email.parse import identifiers, parse


def answer_to(*references: str, in_reply_to: str | None = None) -> bytes:
    return compose.compose(
        compose.Outgoing(
            sender=compose.Party("support@pharos.test"),
            to=(compose.Party("mina@example.com"),),
            subject="Hello",
            text="Hello",
            message_id="<ours@pharos.test>",
            date=datetime(2026, 11, 23, tzinfo=UTC),
            in_reply_to=in_reply_to,
            references=references,
        )
    )


@pytest.mark.parametrize("odd", ["<a@>", "<a>", "<@>", f"<{'x' * 900}>", "<a b@c>", "<a@\x01b>", "<é@example.com>"])
def test_compose__whatever_identifier_parsing_accepts__can_be_answered(odd: str) -> None:
    incoming = parse(letter(message_id=odd)).message_id
    raw = answer_to(*([incoming] if incoming else []), in_reply_to=incoming)
    assert raw.startswith(b"Date:")
    if incoming:
        assert f"In-Reply-To: {incoming}\r\n".encode() in raw


def test_every__identifier_of_one_character__is_kept() -> None:
    assert identifiers.every(("<a@> <b@example.com>",)) == ("<a@>", "<b@example.com>")


@pytest.mark.parametrize("bad", ["a@b", "<a b>", f"<{'x' * 901}>", "<é@example.com>", "<a@b>\r\nBcc: x@example.com"])
def test_compose__reference_that_is_no_identifier__is_left_out(bad: str) -> None:
    raw = answer_to("<root@example.com>", bad, in_reply_to=bad)
    assert b"References: <root@example.com>\r\n" in raw
    assert b"In-Reply-To" not in raw
    assert b"Bcc" not in raw


def test_compose__own_identifier_that_is_none__is_refused() -> None:
    with pytest.raises(ValueError, match="message identifier"):
        compose.compose(
            compose.Outgoing(
                sender=compose.Party("support@pharos.test"),
                to=(compose.Party("mina@example.com"),),
                subject="Hello",
                text="Hello",
                message_id="ours@pharos.test",
                date=datetime(2026, 11, 23, tzinfo=UTC),
            )
        )
